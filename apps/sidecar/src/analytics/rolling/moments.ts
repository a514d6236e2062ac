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
