import { LATENCY_QUANTILES } from '../metrics/latency-quantile.metric.js';
import { microsecondHistogram, quantileSeconds, recordSeconds } from '../rolling/recent.quantiles.js';
import type { BucketAnswer } from './analytics.answer.js';
import { finiteOrNull } from './finite.js';

/** Adds durations up for one answer: quantiles, and counts by the buckets of a metric. */
export class DurationsTally {
  private readonly exact = microsecondHistogram();
  private readonly counts: Float64Array;

  /** @param bounds rising upper bounds in seconds */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Durations so far. */
  get count(): number {
    return this.exact.count;
  }

  /** Adds one. */
  add(seconds: number): void {
    recordSeconds(this.exact, seconds);
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > (this.bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
  }

  /** Quantile → seconds. */
  quantiles(): Record<string, number | null> {
    return Object.fromEntries(
      LATENCY_QUANTILES.map((quantile) => [quantile, finiteOrNull(quantileSeconds(this.exact, quantile))]),
    );
  }

  /** Cumulative counts. */
  histogram(): BucketAnswer[] {
    let below = 0;
    return this.bounds.map((le, bucket) => {
      below += this.counts[bucket] ?? 0;
      return { le, count: below };
    });
  }
}
