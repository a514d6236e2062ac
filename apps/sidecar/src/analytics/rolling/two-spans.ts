/** Something that sums up values, and can take in another of its kind. */
export interface Summary<S> {
  reset(): unknown;
  add(other: S): unknown;
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

  private rotate(atSeconds: number): void {
    const spans = Math.floor((atSeconds - this.endSeconds) / this.spanSeconds) + 1;
    [this.previous, this.current] = [this.current, this.previous];
    this.current.reset();
    if (spans > 1) this.previous.reset();
    this.endSeconds += spans * this.spanSeconds;
  }
}
