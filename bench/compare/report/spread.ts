/** The median of several runs, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The runs in their order. */
  readonly samples: readonly number[];
}

/** The median; of an even number of values, the mean of the two in the middle. NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Sums up runs of one thing. */
export function spreadOf(samples: readonly number[]): Spread {
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples), samples };
}

/**
 * The median over the runs of how many times `base` each one reached. Runs are paired by round, so that other work of the
 * machine during a round affects both. NaN without pairs.
 */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  const pairs = values.slice(0, base.length).map((value, round) => value / (base[round] ?? Number.NaN));
  return median(pairs);
}
