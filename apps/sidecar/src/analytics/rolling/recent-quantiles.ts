import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

const MICROSECONDS = 1e6;
const MAX_MICROSECONDS = 3600 * MICROSECONDS;

/** An empty high dynamic range histogram of microseconds up to an hour, with three significant digits (190 kB). */
export function microsecondHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: MAX_MICROSECONDS, figures: 3 });
}

/** Records a duration; one under 1 µs counts as 1 µs, one over an hour as an hour. */
export function recordSeconds(histogram: RecordableHistogram, seconds: number): void {
  histogram.record(Math.min(MAX_MICROSECONDS, Math.max(1, Math.round(seconds * MICROSECONDS))));
}

/** A quantile (0 to 1) in seconds; NaN while the histogram is empty. */
export function quantileSeconds(histogram: RecordableHistogram, quantile: number): number {
  return histogram.count === 0 ? Number.NaN : histogram.percentile(quantile * 100) / MICROSECONDS;
}

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

/** Quantiles of the durations of the last one to two spans of time, exact to 0.1 %. */
export class RecentQuantiles {
  private readonly spans: TwoSpans<RecordableHistogram>;

  constructor(spanSeconds: number, startSeconds: number) {
    this.spans = new TwoSpans(microsecondHistogram, spanSeconds, startSeconds);
  }

  /** Records a duration that was measured at `atSeconds`. */
  record(seconds: number, atSeconds: number): void {
    recordSeconds(this.spans.at(atSeconds), seconds);
  }

  /** One value for each quantile (0 to 1), in seconds; NaN when there was nothing. */
  read(quantiles: readonly number[], nowSeconds: number): number[] {
    const recent = this.spans.read(nowSeconds);
    return quantiles.map((quantile) => quantileSeconds(recent, quantile));
  }
}
