// `npm run bench`: builds the apps and the benchmark when they are stale, and runs it in this very process, so that signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript } from '../../scripts/lib/script-error.mjs';
import { buildComparison } from './build.mjs';

await runScript(async () => {
  process.chdir(ROOT);
  await ensureInstalled();
  // The two apps are measured as they ship, whatever part of the run was asked for.
  await build(['sidecar', 'publisher'], { onlyStale: true });
  const folder = await buildComparison();
  const { runBench } = await import(pathToFileURL(join(folder, 'main.js')).href);
  // Ctrl-C has to pass by the exit handlers that end the brokers.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  return runBench(process.argv.slice(2));
});
