import type { LatencyDistribution } from './latency-distribution.js';
import type { Buckets, LatencyHistogram } from './metrics-reader.js';

interface Bucket {
  readonly lower: number;
  readonly upper: number;
  /** Observations below `lower`, and in the bucket. */
  readonly below: number;
  readonly count: number;
}

/** The observations between two readings of one histogram. */
export function histogramDelta(before: LatencyHistogram, after: LatencyHistogram): LatencyHistogram {
  const buckets = [...after.buckets].map(([bound, count]): [number, number] => [
    bound,
    count - (before.buckets.get(bound) ?? 0),
  ]);
  return { buckets: new Map(buckets), sumSeconds: after.sumSeconds - before.sumSeconds };
}

function filledBuckets(cumulative: Buckets): Bucket[] {
  let [lower, below] = [0, 0];
  const all = [...cumulative]
    .toSorted(([a], [b]) => a - b)
    .map(([bound, count]) => {
      // The last bucket has no upper bound: values over its lower bound are not estimated.
      const bucket = { lower, upper: Number.isFinite(bound) ? bound : lower, below, count: count - below };
      [lower, below] = [bucket.upper, count];
      return bucket;
    });
  return all.filter(({ count }) => count > 0);
}

/**
 * A Prometheus histogram as a distribution, read like `histogram_quantile`: values spread evenly inside each bucket. It is no
 * finer than the buckets, and never above the last finite bound; only the mean is exact.
 */
export class BucketDistribution implements LatencyDistribution {
  readonly count: number;
  readonly meanSeconds: number;
  private readonly filled: readonly Bucket[];

  constructor({ buckets, sumSeconds }: LatencyHistogram) {
    this.filled = filledBuckets(buckets);
    this.count = this.filled.reduce((total, { count }) => total + count, 0);
    this.meanSeconds = sumSeconds / this.count;
  }

  /** For evenly filled buckets. */
  get deviationSeconds(): number {
    const squares = this.filled.map(
      ({ lower, upper, count }) => (count * (lower ** 2 + lower * upper + upper ** 2)) / 3,
    );
    const meanSquare = squares.reduce((total, square) => total + square, 0) / this.count;
    return Math.sqrt(Math.max(0, meanSquare - this.meanSeconds ** 2));
  }

  /** The upper bound of the highest bucket that is not empty. */
  get maxSeconds(): number {
    return this.filled.at(-1)?.upper ?? Number.NaN;
  }

  atQuantile(quantile: number): number {
    const rank = quantile * this.count;
    const bucket = this.filled.find(({ below, count }) => below + count >= rank) ?? this.filled.at(-1);
    if (bucket === undefined) return Number.NaN;
    return bucket.lower + ((bucket.upper - bucket.lower) * (rank - bucket.below)) / bucket.count;
  }

  countUpTo(seconds: number): number {
    const shares = this.filled.map(({ lower, upper, count }) => {
      if (seconds >= upper) return count;
      return seconds <= lower ? 0 : Math.round((count * (seconds - lower)) / (upper - lower));
    });
    return shares.reduce((total, share) => total + share, 0);
  }
}
