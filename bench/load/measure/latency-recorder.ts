import { createHistogram } from 'node:perf_hooks';
import type { LatencyDistribution } from './latency-distribution.js';

const NANOSECONDS = 1e9;

/** An HDR histogram with three significant figures. */
export class LatencyRecorder implements LatencyDistribution {
  private readonly histogram = createHistogram({ figures: 3 });

  record(latencySeconds: number): void {
    // The histogram's smallest value is 1: the clocks of two processes may disagree by more than a latency.
    this.histogram.record(Math.max(1, Math.round(latencySeconds * NANOSECONDS)));
  }

  get count(): number {
    return this.histogram.count;
  }

  get meanSeconds(): number {
    return this.histogram.mean / NANOSECONDS;
  }

  get deviationSeconds(): number {
    return this.histogram.stddev / NANOSECONDS;
  }

  get maxSeconds(): number {
    return this.count === 0 ? Number.NaN : this.histogram.max / NANOSECONDS;
  }

  atQuantile(quantile: number): number {
    if (this.count === 0) return Number.NaN;
    // Not below the first observation: the histogram knows no percentile 0.
    return this.histogram.percentile(Math.max(quantile, 1 / this.count) * 100) / NANOSECONDS;
  }

  countUpTo(seconds: number): number {
    // Node's histogram has no counts: the largest rank whose value is not above this one is the same number.
    let [low, high] = [0, this.count];
    while (low < high) {
      const rank = Math.ceil((low + high) / 2);
      if (this.atQuantile(rank / this.count) <= seconds) low = rank;
      else high = rank - 1;
    }
    return low;
  }
}
