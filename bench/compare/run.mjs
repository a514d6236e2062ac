// `npm run bench`: builds the apps and the benchmark when they are stale, and runs it in this very process, so that signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript } from '../../scripts/lib/script-error.mjs';
import { readOptions } from '../../scripts/lib/options.mjs';
import { endOnSignals } from '../../scripts/lib/stop-signal.mjs';

const USAGE = `usage: npm run bench -- [options]
  --rounds N     rounds of the comparison (5)
  --only PEER,…  these peers; an unknown name lists all
  --figures FIGURE,…
                 these figures; an unknown name lists all
  --quick        one short round: shows that it runs; its figures mean nothing
  --memory       memory over 10 million events, and nothing else
  --merge        replaces whole figures in bench/results/latest.json and keeps the others
  --write        writes latest.md, its chart and the README's table from the kept results
  --json FILE    writes the report for programs
A whole run, with none of these but --rounds, --write and --json, is kept in bench/results/latest.json.`;

await runScript(async () => {
  const { values } = readOptions('bench', USAGE);
  process.chdir(ROOT);
  await ensureInstalled();
  // The two apps are measured as they ship, so they are built for every run.
  await build(['sidecar', 'publisher', 'compare'], { onlyStale: true });
  const folder = join(ROOT, 'dist', 'compare', 'bench', 'compare');
  const { runBench } = await import(pathToFileURL(join(folder, 'main.js')).href);
  // Ctrl-C must run the exit handlers that end the brokers.
  endOnSignals();
  return runBench(values);
});
