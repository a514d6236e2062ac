import { bucketDelta, bucketQuantile } from './bucket.quantile.js';
import { parseSnapshot } from './metrics.reader.js';

const metrics = `# HELP trades_total Trades
# TYPE trades_total counter
trades_total{side="buy"} 3
trades_total{side="sell"} 4
trading_events_rejected_total{reason="malformed"} 2
trading_receive_latency_seconds_bucket{le="0.001"} 50
trading_receive_latency_seconds_bucket{le="0.002"} 100
trading_receive_latency_seconds_bucket{le="+Inf"} 100
`;

describe('what the load reads from the sidecar', () => {
  it('adds up the counters over their labels', () => {
    expect(parseSnapshot(metrics)).toMatchObject({ trades: 7, rejected: 2 });
  });

  it('counts only what was observed between two readings', () => {
    const { latencyBuckets } = parseSnapshot(metrics);

    expect([...bucketDelta(latencyBuckets, latencyBuckets).values()]).toEqual([0, 0, 0]);
  });

  it.each([
    [0.25, 0.0005],
    [0.5, 0.001],
    [0.75, 0.0015],
    [1, 0.002],
  ])('interpolates quantile %d inside its bucket', (quantile, seconds) => {
    expect(bucketQuantile(parseSnapshot(metrics).latencyBuckets, quantile)).toBeCloseTo(seconds, 9);
  });

  it('does not pretend to know values over the last finite bound', () => {
    const buckets = new Map([
      [0.001, 1],
      [Number.POSITIVE_INFINITY, 10],
    ]);

    expect(bucketQuantile(buckets, 0.99)).toBe(0.001);
  });

  it('has no quantile without observations', () => {
    expect(bucketQuantile(new Map(), 0.5)).toBeNaN();
  });
});
