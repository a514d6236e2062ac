// `npm run dashboards:verify`: builds what is stale, then proves the dashboards on a real Prometheus, in this very process.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';

await runScript(async () => {
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'deploy'], { onlyStale: true });
  process.chdir(ROOT);
  // The contract's classes carry decorators, which want it before they are loaded.
  await import('reflect-metadata');
  const module = join(ROOT, 'dist/deploy/deploy/grafana/src/verify/verify.dashboards.js');
  const { verifyDashboards } = await import(pathToFileURL(module).href);
  return verifyDashboards();
});
