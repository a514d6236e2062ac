// What `npm run dashboards:build` does, run from the repository's root.
import 'reflect-metadata';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { configuredDashboard } from './configured-dashboard.js';
import { allDashboards, dashboardFileName, dashboardFileText } from './dashboard-catalogue.js';
import { buildDashboard } from './dashboard-kit.js';

const FOLDER = join('deploy', 'grafana', 'dashboards');
/** Grafana reads it too; no part of the repository. */
const OWN_FOLDER = join(FOLDER, 'own');

/**
 * Writes the dashboards.
 *
 * @param metricsFile the one for this file of SIDECAR_METRICS, in place of all others
 * @throws MetricsFileError
 */
export async function writeDashboards(metricsFile?: string): Promise<void> {
  if (metricsFile === undefined) await write(FOLDER, allDashboards());
  else await write(OWN_FOLDER, [buildDashboard(configuredDashboard(metricsFile))]);
}

async function write(folder: string, dashboards: readonly Dashboard[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const dashboard of dashboards) {
    const path = join(folder, dashboardFileName(dashboard));
    await writeFile(path, dashboardFileText(dashboard));
    console.log(path);
  }
}
