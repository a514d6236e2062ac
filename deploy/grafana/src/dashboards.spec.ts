import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { METRICS } from '../../../libs/contracts/src/index.js';
import { brokerMetrics } from '../../../libs/contracts/src/metrics/broker-metrics.js';
import { deliveryMetrics } from '../../../libs/contracts/src/metrics/delivery-metrics.js';
import { allDashboards, dashboardFileName, dashboardFileText } from './dashboard-catalogue.js';
import { DATA_SOURCE, PROVISIONED_SOURCE } from './panel-kit.js';
import { expandMacros, metricsOf, syntaxFaults } from './verify/promql-reader.js';

const grafanaFolder = resolve(__dirname, '..');
const dashboardFolder = join(grafanaFolder, 'dashboards');

interface PanelShape {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { uid?: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  options?: { legend?: { showLegend?: boolean; show?: boolean } };
  targets?: { refId: string; expr: string; legendFormat?: string }[];
}

interface DashboardShape {
  uid: string;
  schemaVersion: number;
  refresh: string;
  templating: { list: unknown[] };
  annotations: { list: { target?: { expr?: string } }[] };
  panels: PanelShape[];
}

// What a Grafana would read: the files' JSON, not the builders' objects.
const dashboards = allDashboards().map(
  (dashboard) => JSON.parse(dashboardFileText(dashboard)) as DashboardShape,
);
const panels = dashboards.flatMap((dashboard) => dashboard.panels).filter((panel) => panel.type !== 'row');
const expressions = panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);
const byTitle = panels.map((panel) => [panel.title, panel] as const);

/** The folder may also have a user's own. */
const isDashboard = (name: string): boolean => name.endsWith('.json');

describe('the generated dashboards', () => {
  it('are the files in the repository (npm run dashboards:build)', () => {
    const generated = Object.fromEntries(
      allDashboards().map((dashboard) => [dashboardFileName(dashboard), dashboardFileText(dashboard)]),
    );
    const written = Object.fromEntries(
      readdirSync(dashboardFolder)
        .filter(isDashboard)
        .map((name) => [name, readFileSync(join(dashboardFolder, name), 'utf8')]),
    );
    expect(written).toEqual(generated);
  });

  it('are classic ones that refresh at least every 5 s', () => {
    for (const dashboard of dashboards) {
      expect(dashboard.schemaVersion).toBe(42);
      expect(dashboard.refresh).toMatch(/^[1-5]s$/);
    }
  });

  it('ask the data source that is provisioned, every second if need be', () => {
    const file = join(grafanaFolder, 'provisioning', 'datasources', 'prometheus.yml');
    const provisioned = parse(readFileSync(file, 'utf8')) as { datasources: unknown[] };
    expect(provisioned.datasources).toEqual([
      expect.objectContaining({
        ...PROVISIONED_SOURCE,
        jsonData: expect.objectContaining({ timeInterval: '1s' }),
      }),
    ]);
    expect(panels.map((panel) => panel.datasource?.uid)).toEqual(panels.map(() => DATA_SOURCE.uid));
  });

  it('can be pointed at another data source, at the top of each', () => {
    for (const { templating } of dashboards) {
      expect(templating.list).toEqual([
        expect.objectContaining({
          name: 'datasource',
          type: 'datasource',
          query: 'prometheus',
          current: expect.objectContaining({ value: PROVISIONED_SOURCE.uid }),
        }),
      ]);
    }
    const text = dashboards
      .map((dashboard) => JSON.stringify({ ...dashboard, templating: undefined }))
      .join('');
    expect(text).not.toContain(PROVISIONED_SOURCE.uid);
    expect(DATA_SOURCE.uid).toBe('${datasource}');
  });

  it('give every panel an id of its own', () => {
    for (const { panels: all } of dashboards) {
      expect(new Set(all.map((panel) => panel.id))).toEqual(new Set(all.map((_, index) => index + 1)));
    }
  });

  it('let no panel cover another or leave the grid', () => {
    for (const { panels: all } of dashboards) {
      const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, cell) => [x + (cell % w), y + Math.floor(cell / w)] as const),
      );
      expect(new Set(cells.map(String)).size).toBe(cells.length);
      expect(Math.max(...cells.map(([column]) => column))).toBeLessThan(24);
    }
  });

  it.each(byTitle)('"%s" has a description, a unit and named curves', (_, panel) => {
    expect(panel.description).toMatch(/\.$/);
    expect(panel.fieldConfig?.defaults.unit).toBeTruthy();
    expect(panel.targets?.length).toBeGreaterThan(0);
    for (const target of panel.targets ?? []) expect(target.legendFormat).toBeTruthy();
  });

  it('show the legend under every graph', () => {
    const graphs = panels.filter((panel) => panel.type !== 'stat');
    expect(graphs.map((panel) => panel.options?.legend?.showLegend ?? panel.options?.legend?.show)).toEqual(
      graphs.map(() => true),
    );
  });

  it('mark restarts', () => {
    for (const { annotations } of dashboards) {
      const expressions = annotations.list.map(({ target }) => target?.expr ?? '');
      expect(expressions).toEqual([expect.stringContaining('changes(process_start_time_seconds')]);
    }
  });

  it('have no two panels of one name on a page: the proof tells them apart by it', () => {
    for (const { panels: all } of dashboards)
      expect(new Set(all.map((panel) => panel.title)).size).toBe(all.length);
  });

  it('show every metric that a trader or an operator was promised', () => {
    const shown = new Set(expressions.flatMap((expression) => metricsOf(expandMacros(expression))));
    // What has a panel under the name of the rule that puts several sidecars together.
    const byRule = [
      `side_window:${METRICS.windowTrades.name}:sum`,
      `side_window:${METRICS.windowVolume.name}:sum`,
      `side_window:${METRICS.windowQtyMean.name}:pooled`,
      `side_window:${METRICS.windowQtyStddev.name}:pooled`,
      `side_window:${METRICS.windowQtyMax.name}:max`,
      `side:${METRICS.volumeEwma.name}:sum`,
    ];
    const promised = [
      METRICS.tradesTotal.name,
      METRICS.volumeTotal.name,
      METRICS.lastTradeTimestamp.name,
      `${METRICS.receiveLatency.name}_bucket`,
      `${METRICS.interarrival.name}_bucket`,
      `${METRICS.stageLatency.name}_bucket`,
      METRICS.receiveLatencyQuantile.name,
      METRICS.burstiness.name,
      METRICS.eventsRejected.name,
      METRICS.publisherRefused.name,
      METRICS.transportQueueDepth.name,
      METRICS.transportDrops.name,
      ...Object.values(brokerMetrics).map(({ name }) => name),
      ...Object.values(deliveryMetrics).map(({ name }) => name),
    ];
    expect([...byRule, ...promised].filter((name) => !shown.has(name))).toEqual([]);
  });

  it('ask in PromQL that can be read', () => {
    const faults = expressions.flatMap((expression) => syntaxFaults(expandMacros(expression)));
    expect(faults).toEqual([]);
  });
});
