// `npm run attack`: builds the apps and the attacks when they are stale, and runs them in this very process, so that
// signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript } from '../../scripts/lib/script-error.mjs';
import { readOptions } from '../../scripts/lib/options.mjs';
import { endOnSignals } from '../../scripts/lib/stop-signal.mjs';

const USAGE = `usage: npm run attack -- [options]
  --only NAME,…  these attacks
  --short        those of the short form, which npm test runs
  --list         names the attacks
Ends with 0 when all were held off, 1 when one was not, 64 for a wrong command line.`;

await runScript(async () => {
  readOptions('attack', USAGE);
  process.chdir(ROOT);
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'faults'], { onlyStale: true });
  const main = join(ROOT, 'dist', 'faults', 'faults', 'attack', 'attack.main.js');
  const { run } = await import(pathToFileURL(main).href);
  // A signal has to pass by the exit handlers that end the apps and remove their folders.
  endOnSignals();
  process.exit(await run(process.argv.slice(2)));
});
