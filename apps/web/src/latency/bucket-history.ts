/** A histogram's upper bounds in seconds, and how many values fell into each bucket in some time. */
export interface BucketCounts {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** How many values fell into each bucket between two readings. */
export interface BucketStep {
  /** Unix epoch seconds of the later reading. */
  readonly at: number;
  readonly counts: readonly number[];
}

/** The past of a cumulative histogram, as differences between its readings; bounded. */
export class BucketHistory {
  bounds: readonly number[] = [];
  /** When the first reading was taken, from which on it counts, in unix epoch seconds; undefined before that. */
  beginsAt: number | undefined;
  private kept: BucketStep[] = [];
  private previous: readonly number[] | undefined;
  private process: number | undefined;

  /** @param maxSeconds how far back it reaches */
  constructor(private readonly maxSeconds: number) {}

  /** Oldest first. */
  get steps(): readonly BucketStep[] {
    return this.kept;
  }

  /**
   * Takes one reading. A new process counts from its own start, and its counts may be larger than the old ones: only `process`,
   * its start time, shows the change.
   */
  take(
    at: number,
    buckets: readonly { readonly le: number; readonly count: number }[],
    process: number | undefined,
  ): void {
    if (buckets.length === 0) return;
    const own = buckets.map(({ count }, index) => count - (buckets[index - 1]?.count ?? 0));
    const before = this.previous;
    this.previous = own;
    this.bounds = buckets.map(({ le }) => le);
    if (!before || before.length !== own.length) {
      this.process = process;
      this.beginsAt = at;
      return;
    }
    const restarted = process !== this.process || own.some((count, index) => count < (before[index] ?? 0));
    this.process = process;
    const counts = restarted ? own : own.map((count, index) => count - (before[index] ?? 0));
    this.kept.push({ at, counts });
    const oldest = at - this.maxSeconds;
    while ((this.kept[0]?.at ?? at) < oldest) this.beginsAt = this.kept.shift()?.at;
  }
}

/** The steps of a time: after its beginning, up to its end. */
export function stepsWithin(steps: readonly BucketStep[], from: number, to: number): BucketStep[] {
  return steps.filter((step) => step.at > from && step.at <= to);
}

/** Adds steps up, bucket by bucket. */
export function sumSteps(bounds: readonly number[], steps: readonly BucketStep[]): BucketCounts {
  const counts = bounds.map(() => 0);
  for (const step of steps) {
    for (const [index, count] of step.counts.entries()) counts[index] = (counts[index] ?? 0) + count;
  }
  return { bounds, counts };
}

/** The counts of each bucket by itself, of a histogram whose last bucket (beyond all bounds) is given as the total. */
export function fromCumulative(
  total: number,
  buckets: readonly { readonly le: number; readonly count: number }[],
): BucketCounts {
  const all = [...buckets, { le: Infinity, count: total }];
  return {
    bounds: all.map(({ le }) => le),
    counts: all.map(({ count }, index) => count - (all[index - 1]?.count ?? 0)),
  };
}

/** The sum over all buckets. */
export function totalOf({ counts }: Pick<BucketCounts, 'counts'>): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * The quantile as Prometheus' histogram_quantile estimates it: evenly spread inside its bucket; the last finite bound
 * when it lies beyond. Undefined when nothing was counted.
 */
export function quantileOf({ bounds, counts }: BucketCounts, quantile: number): number | undefined {
  const total = totalOf({ counts });
  if (total === 0) return undefined;
  const rank = quantile * total;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    if (below + count >= rank && count > 0) {
      const lower = bounds[index - 1] ?? 0;
      const upper = bounds[index] ?? lower;
      return Number.isFinite(upper) ? lower + (upper - lower) * ((rank - below) / count) : lower;
    }
    below += count;
  }
  return undefined;
}
