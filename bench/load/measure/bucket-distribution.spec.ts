import { BucketDistribution, histogramDelta } from './bucket-distribution.js';
import { parseSnapshot } from './metrics-reader.js';

const metrics = `# HELP trades_total Trades
# TYPE trades_total counter
trades_total{side="buy"} 3
trades_total{side="sell"} 4
trading_events_rejected_total{reason="malformed"} 2
trading_receive_latency_seconds_bucket{le="0.001"} 50
trading_receive_latency_seconds_bucket{le="0.002"} 100
trading_receive_latency_seconds_bucket{le="+Inf"} 100
trading_receive_latency_seconds_sum 0.1
trading_receive_latency_seconds_count 100
`;
const { receiveLatency } = parseSnapshot(metrics);
const distribution = new BucketDistribution(receiveLatency);

describe('what the load reads from the sidecar', () => {
  it('adds up the counters over their labels', () => {
    expect(parseSnapshot(metrics)).toMatchObject({ trades: 7, rejected: 2 });
  });

  it('counts only what was observed between two readings', () => {
    const nothing = new BucketDistribution(histogramDelta(receiveLatency, receiveLatency));

    expect(nothing.count).toBe(0);
    expect(nothing.atQuantile(0.5)).toBeNaN();
    expect(nothing.maxSeconds).toBeNaN();
  });

  it.each([
    [0, 0],
    [0.25, 0.0005],
    [0.5, 0.001],
    [0.75, 0.0015],
    [1, 0.002],
  ])('interpolates quantile %d inside its bucket', (quantile, seconds) => {
    expect(distribution.atQuantile(quantile)).toBeCloseTo(seconds, 9);
  });

  it('counts up to a value as it interpolates', () => {
    expect([0.0005, 0.001, 0.0015, 1].map((seconds) => distribution.countUpTo(seconds))).toEqual([
      25, 50, 75, 100,
    ]);
  });

  it('has the exact mean, and the deviation of evenly filled buckets', () => {
    expect(distribution.meanSeconds).toBe(0.001);
    expect(distribution.deviationSeconds).toBeCloseTo(0.002 / Math.sqrt(12), 6);
  });

  it('does not pretend to know values over the last finite bound', () => {
    const open = new BucketDistribution({
      buckets: new Map([
        [0.001, 1],
        [Number.POSITIVE_INFINITY, 10],
      ]),
      sumSeconds: 10,
    });

    expect(open.atQuantile(0.99)).toBe(0.001);
    expect(open.maxSeconds).toBe(0.001);
  });
});
