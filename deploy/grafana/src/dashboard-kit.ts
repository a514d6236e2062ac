import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  RowBuilder,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { NODE_METRICS } from './node-metrics.js';
import type { DashboardDefinition } from './panel-definition.js';
import { buildPanel, DATA_SOURCE, PROVISIONED_SOURCE } from './panel-kit.js';

const TAG = 'trading-telemetry';

const startsSeen = `changes(${NODE_METRICS.startTime}[10m]`;
/**
 * Non-empty for a moment where an app came back with another start time than before. It looks back further than a
 * restart takes: a short range would hold only samples of one side of the gap, and see no change.
 */
export const RESTART_EXPRESSION = `${startsSeen}) > ${startsSeen} offset $__rate_interval)`;

/** Grafana's form of a dashboard, as its file provisioner reads it. */
export function buildDashboard(definition: DashboardDefinition): Dashboard {
  const dashboard = new DashboardBuilder(definition.title)
    .uid(definition.uid)
    .description(definition.description)
    .tags([TAG])
    .timezone('browser')
    .time({ from: 'now-5m', to: 'now' })
    .refresh('1s')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .type(PROVISIONED_SOURCE.type)
        .current({ text: 'Prometheus', value: PROVISIONED_SOURCE.uid }),
    )
    .annotation(restarts())
    .link(
      new DashboardLinkBuilder('Trading telemetry')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true),
    )
    // Generated: an edit in the browser would be lost with the next build.
    .readonly();
  // The SDK gives no ids, and without them a link to one panel breaks with every change.
  let id = 0;
  for (const { title, panels } of definition.sections) {
    dashboard.withRow(new RowBuilder(title).id((id += 1)));
    for (const panel of panels) dashboard.withPanel(buildPanel(panel).id((id += 1)));
  }
  return withoutIntervals(dashboard.build());
}

/** The SDK gives every variable what only intervals have, and Grafana's own types know nothing of it. */
function withoutIntervals(dashboard: Dashboard): Dashboard {
  for (const variable of dashboard.templating?.list ?? []) {
    delete variable.auto;
    delete variable.auto_min;
    delete variable.auto_count;
  }
  return dashboard;
}

function restarts(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Restarts')
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor('orange')
    .target(new DataqueryBuilder().refId('Anno').expr(RESTART_EXPRESSION).range())
    .titleFormat('{{job}} restarted')
    .textFormat('{{instance}}');
}
