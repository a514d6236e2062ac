import type { LatencyDistribution } from '../measure/latency-distribution.js';

/** A point of the percentile curve. */
export interface PercentilePoint {
  /** From 0 to 1. */
  readonly quantile: number;
  readonly seconds: number;
  /** Observations up to that value. */
  readonly count: number;
}

/** Points between one halving of the distance to 100 % and the next: HdrHistogram's own default. */
const TICKS_PER_HALVING = 5;

/**
 * The curve at the levels that HdrHistogram's percentile iterator takes: ever finer towards 100 %, until the largest
 * observation is reached; the last point is 100 %. Empty without observations.
 */
export function percentilePoints(distribution: LatencyDistribution): PercentilePoint[] {
  const points: PercentilePoint[] = [];
  if (distribution.count === 0) return points;
  let percent = 0;
  for (;;) {
    const quantile = percent / 100;
    const seconds = distribution.atQuantile(quantile);
    const count = distribution.countUpTo(seconds);
    points.push({ quantile, seconds, count });
    if (count >= distribution.count || quantile > 1 - 1 / distribution.count) break;
    const halvings = Math.floor(Math.log2(100 / (100 - percent))) + 1;
    percent += 100 / (TICKS_PER_HALVING * 2 ** halvings);
  }
  return [...points, { quantile: 1, seconds: distribution.maxSeconds, count: distribution.count }];
}
