import type { MemoryReader, MemoryWriter } from '../trade.metric.js';

/**
 * Count, sum, mean, spread and extremes of numbers seen once each. The spread is kept as the sum of squared distances
 * from the mean (Welford; merged as by Chan, Golub and LeVeque 1983): unlike Σx² − (Σx)²/n it does not cancel out
 * when the values are large and close together.
 */
export class Moments {
  count = 0;
  sum = 0;
  /** Of the squared distances from the mean; Infinity when values differ by more than about 1e154. */
  squares = 0;
  /** NaN without values, as are `min` and `max`. */
  max = Number.NaN;
  min = Number.NaN;
  private center = 0;

  /** NaN without values. */
  get mean(): number {
    return this.count === 0 ? Number.NaN : this.center;
  }

  /** Of the population, not of a sample (divided by n); NaN without values. */
  get stddev(): number {
    return this.count === 0 ? Number.NaN : Math.sqrt(this.squares / this.count);
  }

  /** Adds one value. */
  add(value: number): void {
    this.merge(1, value, value, 0, value, value);
  }

  /** Adds values that were summed up elsewhere. */
  merge(count: number, sum: number, mean: number, squares: number, max: number, min: number): void {
    if (count === 0) return;
    const share = count / (this.count + count);
    const distance = mean - this.center;
    // This order avoids 0 · Infinity: the first merge has a count of 0.
    this.squares += squares + distance * (this.count * share) * distance;
    this.center += distance * share;
    this.sum += sum;
    this.max = this.count === 0 ? max : Math.max(this.max, max);
    this.min = this.count === 0 ? min : Math.min(this.min, min);
    this.count += count;
  }

  /** Adds the values of `other`. */
  include(other: Moments): void {
    this.merge(other.count, other.sum, other.mean, other.squares, other.max, other.min);
  }
}

/** Buckets of time in a ring: each is at its number modulo the size, and carries that number. */
export interface BucketRing {
  readonly bucketSeconds: number;
  /** When bucket 0 begins, by the steady clock. */
  readonly startSeconds: number;
  readonly newest: number;
  /** −1 for a bucket that was never filled. */
  readonly numbers: Int32Array;
  /** What a bucket holds: one array a figure. */
  readonly columns: readonly Float64Array[];
}

/** Writes the buckets that a window can still contain. */
export function rememberBuckets(memory: MemoryWriter, ring: BucketRing): void {
  const oldest = Math.max(0, ring.newest - ring.numbers.length + 1);
  const slots = [...ring.numbers.keys()].filter((slot) => (ring.numbers[slot] ?? -1) >= oldest);
  memory.put(memory.nowSeconds - ring.startSeconds, slots.length);
  for (const slot of slots) {
    memory.put(ring.numbers[slot] ?? 0);
    for (const column of ring.columns) memory.put(column[slot] ?? 0);
  }
}

/** In buckets: what the difference of two times may be off. */
const ROUNDING = 1e-5;

/** Puts such buckets into a ring of the same shape, each up to one bucket before its time. Returns the newest number. */
export function recallBuckets(memory: MemoryReader, ring: BucketRing): number {
  const { startSeconds, bucketSeconds, numbers } = ring;
  let { newest } = ring;
  const shift = Math.floor((memory.nowSeconds - memory.next() - startSeconds) / bucketSeconds + ROUNDING);
  for (let left = memory.next(); left > 0; left -= 1) {
    const number = memory.next() + shift;
    const slot = Math.max(0, number) % numbers.length;
    const isRecent = number >= 0 && number > (numbers[slot] ?? -1);
    for (const column of ring.columns) {
      const value = memory.next();
      if (isRecent) column[slot] = value;
    }
    if (!isRecent) continue;
    numbers[slot] = number;
    newest = Math.max(newest, number);
  }
  return newest;
}

/** The shape of a ring. */
export interface MomentsRingOptions {
  /** Width of a bucket, in seconds: the most by which a window is too short. */
  readonly bucketSeconds: number;
  /** Longest window that can be read, in seconds. */
  readonly spanSeconds: number;
  /** Any time before the first value, in the seconds that values come with. */
  readonly startSeconds: number;
}

/**
 * Values of the recent past, summed up by buckets of time. Adding costs O(1) and allocates nothing, at any rate; memory is
 * fixed. A bucket carries the number of the time it is for, and is emptied when its place is needed again: nothing
 * has to happen while no values come, and reading changes nothing.
 */
export class MomentsRing {
  private readonly size: number;
  private readonly numbers: Int32Array;
  private readonly counts: Float64Array;
  private readonly sums: Float64Array;
  private readonly means: Float64Array;
  private readonly squares: Float64Array;
  private readonly maxima: Float64Array;
  private readonly minima: Float64Array;
  private newest = 0;
  /** The bucket that is being filled. */
  private slot = 0;

  constructor(private readonly options: MomentsRingOptions) {
    this.size = Math.round(options.spanSeconds / options.bucketSeconds);
    this.numbers = new Int32Array(this.size).fill(-1);
    const column = (): Float64Array => new Float64Array(this.size);
    [this.counts, this.sums, this.means] = [column(), column(), column()];
    [this.squares, this.maxima, this.minima] = [column(), column(), column()];
  }

  /** Adds a value that came in at that time. */
  add(value: number, atSeconds: number): void {
    this.moveTo(atSeconds);
    this.put(value);
  }

  /**
   * Sets the time of the values that follow. A time before the latest one counts as the latest: clocks may step, windows must
   * not.
   */
  moveTo(atSeconds: number): void {
    const number = this.numberAt(atSeconds);
    this.newest = number;
    this.slot = number % this.size;
    if (this.numbers[this.slot] !== number) this.empty(this.slot, number);
  }

  /** Adds a value at the time of `moveTo`. */
  put(value: number): void {
    const { slot, counts, sums, means, squares, maxima, minima } = this;
    const count = (counts[slot] ?? 0) + 1;
    const distance = value - (means[slot] ?? 0);
    const mean = (means[slot] ?? 0) + distance / count;
    counts[slot] = count;
    sums[slot] = (sums[slot] ?? 0) + value;
    means[slot] = mean;
    squares[slot] = (squares[slot] ?? 0) + distance * (value - mean);
    if (count === 1 || value > (maxima[slot] ?? 0)) maxima[slot] = value;
    if (count === 1 || value < (minima[slot] ?? 0)) minima[slot] = value;
  }

  /**
   * Sums up the values of the window that ends now: those of the bucket that is being filled and of the whole buckets
   * before it, so that the window is at most one bucket shorter than asked for, and never longer.
   */
  read(windowSeconds: number, nowSeconds: number): Moments {
    const moments = new Moments();
    const newest = this.numberAt(nowSeconds);
    const oldest = Math.max(0, newest - Math.round(windowSeconds / this.options.bucketSeconds) + 1);
    for (let number = oldest; number <= newest; number += 1) {
      const slot = number % this.size;
      if (this.numbers[slot] === number) this.mergeSlot(slot, moments);
    }
    return moments;
  }

  /** Writes its buckets. */
  remember(memory: MemoryWriter): void {
    rememberBuckets(memory, this.buckets());
  }

  /** Goes on from the buckets of another ring of this shape. */
  recall(memory: MemoryReader): void {
    this.newest = recallBuckets(memory, this.buckets());
  }

  private buckets(): BucketRing {
    const { numbers, newest, counts, sums, means, squares, maxima, minima, options } = this;
    return { ...options, numbers, newest, columns: [counts, sums, means, squares, maxima, minima] };
  }

  private numberAt(seconds: number): number {
    const { startSeconds, bucketSeconds } = this.options;
    return Math.max(this.newest, Math.floor((seconds - startSeconds) / bucketSeconds));
  }

  private empty(slot: number, number: number): void {
    this.numbers[slot] = number;
    this.counts[slot] = 0;
    this.sums[slot] = 0;
    this.means[slot] = 0;
    this.squares[slot] = 0;
  }

  private mergeSlot(slot: number, into: Moments): void {
    into.merge(
      this.counts[slot] ?? 0,
      this.sums[slot] ?? 0,
      this.means[slot] ?? 0,
      this.squares[slot] ?? 0,
      this.maxima[slot] ?? 0,
      this.minima[slot] ?? 0,
    );
  }
}
