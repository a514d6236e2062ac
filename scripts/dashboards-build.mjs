// `npm run dashboards:build`: writes deploy/grafana/dashboards/*.json.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';

const USAGE = `usage: npm run dashboards:build -- [--metrics FILE]
Writes deploy/grafana/dashboards/*.json from their definitions in deploy/grafana/src.
  --metrics FILE  in place of that, the dashboard for this file of SIDECAR_METRICS, into deploy/grafana/dashboards/own`;
const EXIT_CONFIGURATION = 78;

await runScript(async () => {
  const { values } = readOptions('dashboards:build', USAGE);
  await ensureInstalled();
  await build(['deploy'], { onlyStale: true });
  process.chdir(ROOT);
  const module = join(ROOT, 'dist/deploy/deploy/grafana/src/write-dashboards.js');
  const { writeDashboards } = await import(pathToFileURL(module).href);
  try {
    await writeDashboards(values['metrics']);
    return 0;
  } catch (error) {
    if (Object(error).code !== 'ERR_METRICS_FILE') throw error;
    console.error(Object(error).message);
    return EXIT_CONFIGURATION;
  }
});
