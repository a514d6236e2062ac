import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { brokerDashboard } from './broker-dashboard.js';
import { buildDashboard } from './dashboard-kit.js';
import { deliveryDashboard } from './delivery-dashboard.js';
import type { DashboardDefinition } from './panel-definition.js';
import { pipelineDashboard } from './pipeline-dashboard.js';
import { runtimeDashboard } from './runtime-dashboard.js';
import { tradingDashboard } from './trading-dashboard.js';

/** Every dashboard, in the order in which one looks at them; a dashboard's file is named by its uid. */
export const DASHBOARDS: readonly DashboardDefinition[] = [
  tradingDashboard,
  pipelineDashboard,
  deliveryDashboard,
  brokerDashboard,
  runtimeDashboard,
];

/** Every dashboard in Grafana's form. */
export function allDashboards(): Dashboard[] {
  return DASHBOARDS.map(buildDashboard);
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
