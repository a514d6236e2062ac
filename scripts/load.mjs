// `npm run load`: builds the load generator when it is stale, and runs it in this very process, so that signals reach it.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';

await runScript(async () => {
  await ensureInstalled();
  await build(['bench'], { onlyStale: true });
  const { runLoad } = await import(pathToFileURL(join(ROOT, 'dist', 'bench', 'load', 'main.js')).href);
  return runLoad(process.argv.slice(2));
});
