import { METRICS } from './metric-catalogue.js';

const definitions = Object.values(METRICS);

describe('the metric catalogue', () => {
  it('keeps the three promised names', () => {
    expect([METRICS.tradesTotal.name, METRICS.volumeTotal.name, METRICS.lastTradeTimestamp.name]).toEqual([
      'trades_total',
      'volume_total',
      'last_trade_ts_seconds',
    ]);
    expect(METRICS.tradesTotal.labelNames).toEqual(['side']);
    expect(METRICS.volumeTotal.labelNames).toEqual(['side']);
  });

  it('names every metric once', () => {
    const names = definitions.map((metric) => metric.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(definitions.map((metric) => [metric.name, metric] as const))(
    '%s follows the naming rules of Prometheus',
    (name, metric) => {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(name).not.toMatch(/_(milliseconds|ms|count|sum|bucket|info)$/);
      for (const label of metric.labelNames) expect(label).toMatch(/^[a-z][a-z_]*$/);
    },
  );

  it.each(definitions.map((metric) => [metric.name, metric] as const))(
    '%s has a help sentence',
    (_, metric) => {
      expect(metric.help).toMatch(/^[A-Z].{15,}\.$/);
    },
  );

  it('prefixes every name of ours beyond the promised three', () => {
    const promised = new Set(['trades_total', 'volume_total', 'last_trade_ts_seconds']);
    const rest = definitions.map((metric) => metric.name).filter((name) => !promised.has(name));
    expect(rest.filter((name) => !name.startsWith('trading_'))).toEqual([]);
  });

  it.each([METRICS.receiveLatency, METRICS.interarrival, METRICS.stageLatency])(
    '$name has rising, unique buckets',
    ({ buckets }) => {
      expect(buckets).toEqual([...new Set(buckets)].sort((a, b) => a - b));
    },
  );
});
