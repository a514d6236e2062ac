import { ORDERS_FILE } from './known-load.js';
import { configuredDashboard } from './configured-dashboard.js';
import { buildDashboard } from './dashboard-kit.js';
import { expandMacros, syntaxFaults } from './verify/promql-reader.js';

describe('the dashboard for a file of event types', () => {
  const dashboard = configuredDashboard(ORDERS_FILE);
  const panels = dashboard.sections.flatMap((section) => section.panels);

  it('has a row for each type, and a panel with the right unit for each metric', () => {
    expect(dashboard.sections.map(({ title }) => title)).toEqual(['order']);
    expect(panels.map(({ title, unit }) => [title, unit])).toEqual([
      ['orders_total per second', 'suffix: orders/s'],
      ['order_latency_seconds: p50 and p99', 's'],
      ['order_fill_ratio', 'percentunit'],
    ]);
    expect(buildDashboard(dashboard).uid).toBe('events-orders');
  });

  it('asks in PromQL that can be read, by the labels that events set', () => {
    const expressions = panels.flatMap(({ queries }) => queries.map(({ expr }) => expandMacros(expr)));
    expect(expressions.flatMap(syntaxFaults)).toEqual([]);
    expect(expressions[0]).toContain('sum by (venue, state) (rate(orders_total');
  });
});
