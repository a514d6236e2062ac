// `npm run dashboards:build`: writes deploy/grafana/dashboards/*.json, run from the repository's root.
import 'reflect-metadata';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allDashboards, dashboardFileName, dashboardFileText } from './dashboard-catalogue.js';

const folder = join('deploy', 'grafana', 'dashboards');
await mkdir(folder, { recursive: true });
for (const dashboard of allDashboards()) {
  const path = join(folder, dashboardFileName(dashboard));
  await writeFile(path, dashboardFileText(dashboard));
  console.log(path);
}
