import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { METRICS } from '../../../libs/contracts/src/index.js';
import { allDashboards, dashboardFileName, dashboardFileText } from './dashboard.catalogue.js';
import { DATA_SOURCE } from './panel.kit.js';

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
  options?: { legend?: { showLegend?: boolean } };
  targets?: { refId: string; expr: string; legendFormat?: string }[];
}

interface DashboardShape {
  uid: string;
  schemaVersion: number;
  refresh: string;
  panels: PanelShape[];
}

// What a Grafana would read: the files' JSON, not the builders' objects.
const dashboards = allDashboards().map(
  (dashboard) => JSON.parse(dashboardFileText(dashboard)) as DashboardShape,
);
const panels = dashboards.flatMap((dashboard) => dashboard.panels).filter((panel) => panel.type !== 'row');
const byTitle = panels.map((panel) => [panel.title, panel] as const);

describe('the generated dashboards', () => {
  it('are the files in the repository (npm run dashboards:build)', () => {
    const generated = Object.fromEntries(
      allDashboards().map((dashboard) => [dashboardFileName(dashboard), dashboardFileText(dashboard)]),
    );
    const written = Object.fromEntries(
      readdirSync(dashboardFolder).map((name) => [name, readFileSync(join(dashboardFolder, name), 'utf8')]),
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
      expect.objectContaining({ ...DATA_SOURCE, jsonData: expect.objectContaining({ timeInterval: '1s' }) }),
    ]);
    expect(panels.map((panel) => panel.datasource?.uid)).toEqual(panels.map(() => DATA_SOURCE.uid));
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
    const graphs = panels.filter((panel) => panel.type === 'timeseries');
    expect(graphs.map((panel) => panel.options?.legend?.showLegend)).toEqual(graphs.map(() => true));
  });

  it('show every metric that the first dashboard is for', () => {
    const expressions = panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);
    const wanted = [
      `sum by (side) (${METRICS.tradesTotal.name})`,
      `sum by (side) (${METRICS.volumeTotal.name})`,
      `sum by (side) (rate(${METRICS.tradesTotal.name}[$__rate_interval]))`,
      `sum by (side) (rate(${METRICS.volumeTotal.name}[$__rate_interval]))`,
      `time() - max(${METRICS.lastTradeTimestamp.name} > 0)`,
      `histogram_quantile(0.99, sum by (le) (rate(${METRICS.receiveLatency.name}_bucket[$__rate_interval])))`,
      `sum by (reason) (rate(${METRICS.eventsRejected.name}[$__rate_interval]))`,
      `sum by (job) (${METRICS.transportQueueDepth.name})`,
    ];
    expect(expressions).toEqual(expect.arrayContaining(wanted));
  });
});
