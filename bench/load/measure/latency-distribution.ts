/** Latencies as a distribution, wherever they were measured. Without observations every value is NaN. */
export interface LatencyDistribution {
  readonly count: number;
  readonly meanSeconds: number;
  readonly deviationSeconds: number;
  readonly maxSeconds: number;
  /** The value that a share of the observations does not exceed. @param quantile from 0 to 1 */
  atQuantile(quantile: number): number;
  /** How many observations did not exceed this value. */
  countUpTo(seconds: number): number;
}

/** Percentiles that get a row; 100 is the maximum. */
export const LATENCY_PERCENTILES = [50, 90, 99, 99.9, 100] as const;

/** Latencies in seconds by percentile. */
export type LatencyTable = ReadonlyMap<number, number>;

/** The rows to show. */
export function latencyTable(distribution: LatencyDistribution): LatencyTable {
  return new Map(
    LATENCY_PERCENTILES.map((percent) => [
      percent,
      percent === 100 ? distribution.maxSeconds : distribution.atQuantile(percent / 100),
    ]),
  );
}
