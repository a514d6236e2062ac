import { createHistogram } from 'node:perf_hooks';

/** Latencies worth a row, in percent; 100 is the maximum. */
export const LATENCY_PERCENTILES = [50, 90, 99, 99.9, 100] as const;

/** Latencies in seconds by percentile. */
export type LatencyTable = ReadonlyMap<number, number>;

const NANOSECONDS = 1e9;

/** An HDR histogram with three significant figures. */
export class LatencyRecorder {
  private readonly histogram = createHistogram({ figures: 3 });

  record(latencySeconds: number): void {
    // The histogram's smallest value is 1: the clocks of two processes may disagree by more than a latency.
    this.histogram.record(Math.max(1, Math.round(latencySeconds * NANOSECONDS)));
  }

  table(): LatencyTable {
    return new Map(
      LATENCY_PERCENTILES.map((percent) => [percent, this.histogram.percentile(percent) / NANOSECONDS]),
    );
  }
}
