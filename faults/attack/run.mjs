// `npm run attack`: builds the apps and the attacks when they are stale, and runs them in this very process, so that
// signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../scripts/lib/build.mjs';
import { ensureInstalled } from '../../scripts/lib/install.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { runScript } from '../../scripts/lib/script-error.mjs';

const SIGNALS = /** @type {const} */ ({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 });

await runScript(async () => {
  process.chdir(ROOT);
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'faults'], { onlyStale: true });
  const main = join(ROOT, 'dist', 'faults', 'faults', 'attack', 'attack.main.js');
  const { run } = await import(pathToFileURL(main).href);
  // A signal has to pass by the exit handlers that end the apps and remove their folders.
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code));
  process.exit(await run(process.argv.slice(2)));
});
