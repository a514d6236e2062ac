// `npm run lab` and `npm run chaos`: builds the apps and the tool when they are stale, and runs the tool named first in
// this very process, so that signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript, ScriptError } from '../../scripts/lib/script-error.mjs';
import { buildWithTransport } from '../../scripts/lib/transport-build.mjs';

await runScript(async () => {
  const [tool = '', ...args] = process.argv.slice(2);
  if (tool !== 'lab' && tool !== 'chaos') throw new ScriptError('run: lab or chaos', 64);
  process.chdir(ROOT);
  await ensureInstalled();
  await build(['sidecar', 'publisher'], { onlyStale: true });
  const folder = await buildWithTransport('the delivery lab', 'bench/delivery', 'delivery', [
    'bench/load',
    'bench/compare/report',
  ]);
  const { run } = await import(pathToFileURL(join(folder, tool, `${tool}.main.js`)).href);
  // Ctrl-C has to pass by the exit handlers that end the apps.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  return run(args);
});
