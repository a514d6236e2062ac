// `npm run lab` and `npm run chaos`: builds the apps and the tool when they are stale, and runs the tool named first in
// this very process, so that signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript, ScriptError } from '../../scripts/lib/script-error.mjs';
import { buildWithTransport } from '../../scripts/lib/transport-build.mjs';
import { readOptions } from '../../scripts/lib/options.mjs';
import { endOnSignals } from '../../scripts/lib/stop-signal.mjs';

const USAGES = {
  lab: `usage: npm run lab -- [options]
  --only NAME,…  these modes or disturbances; a name that there is not lists all
  --rate N       events a second (1000)
  --seconds S    of load in each run (8)
  --json FILE    the figures for programs
  --write        puts the table into docs/reference/delivery.md`,
  chaos: `usage: npm run chaos -- [options]
  --rounds N  kills (20)
  --events N  events to be accepted in all rounds together (100000)
  --seed N    the same victims at the same shares of a round (random)
  --keep      leaves the oracle files, the spools and the state, as a failure does`,
};

await runScript(async () => {
  const [tool = '', ...args] = process.argv.slice(2);
  if (tool !== 'lab' && tool !== 'chaos') throw new ScriptError('run: lab or chaos', 64);
  readOptions(tool, USAGES[tool], { args });
  process.chdir(ROOT);
  await ensureInstalled();
  await build(['sidecar', 'publisher'], { onlyStale: true });
  const folder = await buildWithTransport('the delivery lab', 'bench/delivery', 'delivery', [
    'bench/load',
    'bench/compare/report',
  ]);
  const { run } = await import(pathToFileURL(join(folder, tool, `${tool}.main.js`)).href);
  // Ctrl-C has to pass by the exit handlers that end the apps.
  endOnSignals();
  return run(args);
});
