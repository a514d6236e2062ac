import { LATENCY_QUANTILES } from '../../analytics/metrics/latency-quantile.metric.js';
import {
  microsecondHistogram,
  quantileSeconds,
  recordSeconds,
} from '../../analytics/rolling/recent-quantiles.js';
import { type BucketAnswer, finiteOrNull } from './analytics-answer.js';

/** Collects durations for one answer: quantiles, and counts by the buckets of a metric. */
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

/** Adds up values by steps of time for one answer; steps start at multiples of their width. */
export class SeriesTally {
  private readonly firstStep: number;
  private readonly sums: Float64Array;

  /** Covers the steps that start within the last `lastSeconds`; the newest is not complete. */
  constructor(
    nowSeconds: number,
    lastSeconds: number,
    private readonly stepSeconds: number,
  ) {
    this.firstStep = Math.ceil((nowSeconds - lastSeconds) / stepSeconds);
    const lastStep = Math.max(this.firstStep, Math.floor(nowSeconds / stepSeconds));
    this.sums = new Float64Array(lastStep - this.firstStep + 1);
  }

  /** Adds a value. Values of a step that lies only partly within the time are left out. */
  add(atSeconds: number, value: number): void {
    const step = Math.floor(atSeconds / this.stepSeconds) - this.firstStep;
    if (step >= 0 && step < this.sums.length) this.sums[step] = (this.sums[step] ?? 0) + value;
  }

  /** Each [start in unix epoch seconds, sum], oldest first. */
  points(): [number, number][] {
    return Array.from(this.sums, (sum, step) => [
      Number(((this.firstStep + step) * this.stepSeconds).toFixed(6)),
      sum,
    ]);
  }
}
