import { SIDES, type Side, type Totals } from '../feed/feed-items.js';

/** One second's trades and volume by side. */
export interface SecondPoint {
  /** Unix epoch seconds, whole. */
  readonly second: number;
  readonly trades: Record<Side, number>;
  readonly volume: Record<Side, number>;
}

/** The sums over a window. */
export interface WindowSum {
  readonly trades: number;
  readonly volume: number;
  /** Seconds that were watched, at most the window's length. */
  readonly seconds: number;
}

const NOTHING_COUNTED: Totals = { buy: { trades: 0, volume: 0 }, sell: { trades: 0, volume: 0 } };

/**
 * Trades and volume of each past second, from the sidecar's running totals: exact at any rate, also when the stream
 * shows only a sample of the trades.
 */
export class SecondSeries {
  private points: SecondPoint[] = [];
  private previous: Totals | undefined;
  private process: string | undefined;
  private watchedSince = 0;

  /** @param capacity seconds that are kept */
  constructor(private readonly capacity: number) {}

  /**
   * Takes the totals at a time. The first ones are only a starting point. A new process counts from its own start, and its
   * totals may be larger in number and smaller in volume: only `process`, which names it, shows the change.
   */
  take(totals: Totals, nowSeconds: number, process: string | undefined): void {
    const before = process === this.process || !this.previous ? this.previous : NOTHING_COUNTED;
    this.previous = totals;
    this.process = process;
    if (!before) {
      this.watchedSince = nowSeconds;
      return;
    }
    const point = this.pointAt(Math.floor(nowSeconds));
    for (const side of SIDES) {
      point.trades[side] += Math.max(0, totals[side].trades - before[side].trades);
      point.volume[side] += Math.max(0, totals[side].volume - before[side].volume);
    }
  }

  /** Adds seconds from before the page was opened; seconds that it saw itself stay. */
  prefill(points: readonly SecondPoint[]): void {
    const oldest = this.points[0]?.second ?? Infinity;
    const earlier = points.filter((point) => point.second < oldest).toSorted((a, b) => a.second - b.second);
    this.points = [...earlier, ...this.points].slice(-this.capacity);
  }

  /** The last `seconds` whole seconds before now, oldest first, quiet ones included. */
  last(seconds: number, nowSeconds: number): SecondPoint[] {
    const known = new Map(this.points.map((point) => [point.second, point]));
    const newest = Math.floor(nowSeconds) - 1;
    return Array.from({ length: seconds }, (_, index) => {
      const second = newest - seconds + 1 + index;
      return known.get(second) ?? emptyPoint(second);
    });
  }

  /** What happened on one side within the last `windowSeconds`. */
  sum(side: Side, windowSeconds: number, nowSeconds: number): WindowSum {
    const from = nowSeconds - windowSeconds;
    let trades = 0;
    let volume = 0;
    for (const point of this.points) {
      if (point.second < from) continue;
      trades += point.trades[side];
      volume += point.volume[side];
    }
    const seconds = this.watchedSince === 0 ? 0 : Math.min(windowSeconds, nowSeconds - this.watchedSince);
    return { trades, volume, seconds };
  }

  private pointAt(second: number): SecondPoint {
    const newest = this.points.at(-1);
    if (newest && newest.second >= second) return newest;
    const point = emptyPoint(second);
    this.points.push(point);
    if (this.points.length > this.capacity) this.points.shift();
    return point;
  }
}

/** A second in which nothing happened. */
export function emptyPoint(second: number): SecondPoint {
  return { second, trades: { buy: 0, sell: 0 }, volume: { buy: 0, sell: 0 } };
}
