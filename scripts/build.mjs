// `npm run build`: builds everything, fresh or not.
import { ALL_TARGETS, build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runScript } from './lib/script-error.mjs';

await runScript(async () => {
  await ensureInstalled();
  await build(ALL_TARGETS, { onlyStale: false });
});
