import type { MemoryReader, MemoryWriter } from '../trade.metric.js';

const MICROSECONDS = 1e6;
const MAX_MICROSECONDS = 3600 * MICROSECONDS;
/** Values below this have a bucket each; from each power of two on half as many buckets are twice as wide. */
const EXACT = 2048;
const HALF = EXACT / 2;
const HALF_BITS = 10;
const BUCKETS = bucketOf(MAX_MICROSECONDS) + 1;

function bucketOf(microseconds: number): number {
  if (microseconds < EXACT) return microseconds;
  const shift = 31 - Math.clz32(microseconds) - HALF_BITS;
  return EXACT + (shift - 1) * HALF + (microseconds >>> shift) - HALF;
}

/** The largest value of a bucket. */
function boundOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const width = 2 ** (Math.floor((bucket - EXACT) / HALF) + 1);
  return (((bucket - EXACT) % HALF) + HALF + 1) * width - 1;
}

/**
 * Durations from 1 µs to an hour, in whole microseconds, by buckets that are at most 0.1 % of their value wide: the high dynamic
 * range histogram of Gil Tene (HdrHistogram), three significant digits. Adding costs O(1) and allocates nothing; 180 kB. Node's own
 * cannot be written down.
 */
export class DurationBuckets {
  private readonly counts = new Float64Array(BUCKETS);
  private total = 0;

  get count(): number {
    return this.total;
  }

  /** Adds a duration; one under 1 µs counts as 1 µs, one over an hour as an hour. */
  record(seconds: number): void {
    const bucket = bucketOf(Math.min(MAX_MICROSECONDS, Math.max(1, Math.round(seconds * MICROSECONDS))));
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.total += 1;
  }

  reset(): void {
    if (this.total > 0) this.counts.fill(0);
    this.total = 0;
  }

  add({ counts, total }: DurationBuckets): void {
    if (total === 0) return;
    this.total += total;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      this.counts[bucket] = (this.counts[bucket] ?? 0) + (counts[bucket] ?? 0);
    }
  }

  /** The value in seconds of rank q·n, rounded, as HdrHistogram takes it; NaN without durations. @param q from 0 to 1 */
  quantile(q: number): number {
    if (this.total === 0) return Number.NaN;
    const rank = Math.max(1, Math.round(q * this.total));
    let seen = 0;
    let bucket = -1;
    while (seen < rank) {
      bucket += 1;
      seen += this.counts[bucket] ?? 0;
    }
    return boundOf(bucket) / MICROSECONDS;
  }

  remember(memory: MemoryWriter): void {
    memory.put(this.total);
    memory.putCounts(this.counts);
  }

  recall(memory: MemoryReader): void {
    this.total = memory.next();
    memory.nextCounts(this.counts);
  }
}

/** Something that sums up values, and can take in another of its kind. */
export interface Summary<S> {
  reset(): unknown;
  add(other: S): unknown;
  remember(memory: MemoryWriter): void;
  /** Into an empty one. */
  recall(memory: MemoryReader): void;
}

/**
 * Sums up the recent past. One summary is filled while the previous one is kept: a reading covers the last one to two spans of
 * time, and older values are gone.
 */
export class TwoSpans<S extends Summary<S>> {
  private current: S;
  private previous: S;
  private readonly merged: S;
  private endSeconds: number;

  constructor(
    make: () => S,
    private readonly spanSeconds: number,
    startSeconds: number,
  ) {
    [this.current, this.previous, this.merged] = [make(), make(), make()];
    this.endSeconds = startSeconds + spanSeconds;
  }

  /** The summary for values of that time. */
  at(seconds: number): S {
    if (seconds >= this.endSeconds) this.rotate(seconds);
    return this.current;
  }

  /** Both spans together. It is reused by the next reading. */
  read(nowSeconds: number): S {
    this.merged.reset();
    const spansOver = Math.floor((nowSeconds - this.endSeconds) / this.spanSeconds) + 1;
    if (spansOver <= 1) this.merged.add(this.current);
    if (spansOver <= 0) this.merged.add(this.previous);
    return this.merged;
  }

  /** Writes both spans. */
  remember(memory: MemoryWriter): void {
    memory.put(memory.nowSeconds - this.endSeconds);
    this.current.remember(memory);
    this.previous.remember(memory);
  }

  /** Goes on from the spans of another; before the first value. */
  recall(memory: MemoryReader): void {
    this.endSeconds = memory.nowSeconds - memory.next();
    this.current.recall(memory);
    this.previous.recall(memory);
  }

  private rotate(atSeconds: number): void {
    const spans = Math.floor((atSeconds - this.endSeconds) / this.spanSeconds) + 1;
    [this.previous, this.current] = [this.current, this.previous];
    this.current.reset();
    if (spans > 1) this.previous.reset();
    this.endSeconds += spans * this.spanSeconds;
  }
}
