import type { Buckets } from './metrics.reader.js';

/** The observations between two readings of one histogram. */
export function bucketDelta(before: Buckets, after: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}

/**
 * A quantile read from buckets as Prometheus' `histogram_quantile` does: linear inside the bucket it falls into. It is
 * no finer than the buckets, and never above the last finite bound.
 * @param quantile from 0 to 1
 * @returns seconds; NaN without observations
 */
export function bucketQuantile(buckets: Buckets, quantile: number): number {
  const ascending = [...buckets].toSorted(([a], [b]) => a - b);
  const total = ascending.at(-1)?.[1] ?? 0;
  if (total === 0) return Number.NaN;
  const rank = quantile * total;
  let lowerBound = 0;
  let lowerCount = 0;
  for (const [bound, count] of ascending) {
    if (count >= rank && count > lowerCount) {
      if (bound === Number.POSITIVE_INFINITY) return lowerBound;
      return lowerBound + ((bound - lowerBound) * (rank - lowerCount)) / (count - lowerCount);
    }
    [lowerBound, lowerCount] = [bound === Number.POSITIVE_INFINITY ? lowerBound : bound, count];
  }
  return lowerBound;
}
