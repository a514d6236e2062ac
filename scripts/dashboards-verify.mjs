// `npm run dashboards:verify`: builds what is stale, then proves the dashboards on a real Prometheus, in this very process.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ROOT } from './lib/project.mjs';
import { readOptions } from './lib/options.mjs';
import { runScript } from './lib/script-error.mjs';
import { endOnSignals } from './lib/stop-signal.mjs';

const USAGE = `usage: npm run dashboards:verify
Runs both built apps and a real Prometheus under a known load, and proves every panel and rule. Writes to dist/ only.`;

await runScript(async () => {
  readOptions('dashboards:verify', USAGE);
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'deploy'], { onlyStale: true });
  process.chdir(ROOT);
  // The contract's classes carry decorators, which want it before they are loaded.
  await import('reflect-metadata');
  const module = join(ROOT, 'dist/deploy/deploy/grafana/src/verify/verify-dashboards.js');
  const { stopProofs, verifyDashboards } = await import(pathToFileURL(module).href);
  endOnSignals(stopProofs);
  return verifyDashboards();
});
