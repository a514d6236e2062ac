import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { overviewDashboard } from './overview.dashboard.js';

/** Every dashboard, in order of its title; a dashboard's file is named by its uid. */
export function allDashboards(): Dashboard[] {
  return [overviewDashboard()];
}

/**
 * The file name of a dashboard inside deploy/grafana/dashboards.
 * @throws Error when the dashboard has no uid: Grafana would then make a new one at every start
 */
export function dashboardFileName(dashboard: Dashboard): string {
  if (!dashboard.uid) throw new Error(`the dashboard "${dashboard.title ?? ''}" has no uid`);
  return `${dashboard.uid}.json`;
}

/** The text of a dashboard's file, as Grafana's file provisioner reads it. */
export function dashboardFileText(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
