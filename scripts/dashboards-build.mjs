// `npm run dashboards:build`: writes deploy/grafana/dashboards/*.json.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';

const USAGE = `usage: npm run dashboards:build
Writes deploy/grafana/dashboards/*.json from their definitions in deploy/grafana/src.`;

await runScript(async () => {
  readOptions('dashboards:build', USAGE);
  await ensureInstalled();
  await build(['deploy'], { onlyStale: true });
  process.chdir(ROOT);
  await import(pathToFileURL(join(ROOT, 'dist/deploy/deploy/grafana/src/write-dashboards.js')).href);
});
