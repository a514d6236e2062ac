import { LATENCY_QUANTILES } from '../../analytics/metrics/latency-quantile.metric.js';
import { DurationBuckets } from '../../analytics/rolling/recent-quantiles.js';
import { type BarAnswer, type BucketAnswer, finiteOrNull, type SymbolAnswer } from './analytics-answer.js';
import type { BarKind, SymbolRanking } from './analytics-query.js';

/** Collects durations for one answer: quantiles, and counts by the buckets of a metric. */
export class DurationsTally {
  private readonly exact = new DurationBuckets();
  private readonly counts: Float64Array;

  /** @param bounds rising upper bounds in seconds */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Durations so far. */
  get count(): number {
    return this.exact.count;
  }

  /** Adds one. */
  add(seconds: number): void {
    this.exact.record(seconds);
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > (this.bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
  }

  /** Quantile → seconds. */
  quantiles(): Record<string, number | null> {
    return Object.fromEntries(
      LATENCY_QUANTILES.map((quantile) => [quantile, finiteOrNull(this.exact.quantile(quantile))]),
    );
  }

  /** Cumulative counts. */
  histogram(): BucketAnswer[] {
    let below = 0;
    return this.bounds.map((le, bucket) => {
      below += this.counts[bucket] ?? 0;
      return { le, count: below };
    });
  }
}

/** A trade as bars see it. */
export interface BarTrade {
  /** When it was received, in unix epoch seconds. */
  readonly atSeconds: number;
  readonly isBuy: boolean;
  readonly qty: number;
  /** NaN without a price. */
  readonly price: number;
}

/** One bar while it grows. */
class Bar {
  private open = Number.NaN;
  private high = Number.NaN;
  private low = Number.NaN;
  private close = Number.NaN;
  private bought = 0;
  private end = 0;
  volume = 0;
  trades = 0;

  constructor(readonly start: number) {}

  add({ atSeconds, isBuy, qty, price }: BarTrade): void {
    this.end = atSeconds;
    this.trades += 1;
    this.volume += qty;
    if (isBuy) this.bought += qty;
    if (Number.isNaN(price)) return;
    if (Number.isNaN(this.open)) [this.open, this.high, this.low] = [price, price, price];
    this.high = Math.max(this.high, price);
    this.low = Math.min(this.low, price);
    this.close = price;
  }

  toAnswer(): BarAnswer {
    return {
      start: this.start,
      end: this.end,
      open: finiteOrNull(this.open),
      high: finiteOrNull(this.high),
      low: finiteOrNull(this.low),
      close: finiteOrNull(this.close),
      volume: this.volume,
      trades: this.trades,
      imbalance: finiteOrNull((2 * this.bought - this.volume) / this.volume),
    };
  }
}

/**
 * Sums up trades by bars for one answer. A time bar starts at a multiple of its width. A bar of trades or volume is full with the
 * trade that reaches its size, and no trade is split.
 */
export class BarsTally {
  private readonly done: Bar[] = [];
  private current: Bar | undefined;

  constructor(
    private readonly by: BarKind,
    private readonly size: number,
    private readonly maxBars: number,
  ) {}

  /** There are more bars than an answer may have: it adds nothing more. */
  get isFull(): boolean {
    return this.done.length + (this.current === undefined ? 0 : 1) > this.maxBars;
  }

  add(trade: BarTrade): void {
    if (this.isFull) return;
    if (this.by === 'time') this.addToStep(trade);
    else this.addToSize(trade);
  }

  bars(): BarAnswer[] {
    const bars = this.current === undefined ? this.done : [...this.done, this.current];
    return bars.map((bar) => bar.toAnswer());
  }

  private addToStep(trade: BarTrade): void {
    const start = Number((Math.floor(trade.atSeconds / this.size) * this.size).toFixed(6));
    if (this.current !== undefined && this.current.start !== start) this.finish(this.current);
    this.current ??= new Bar(start);
    this.current.add(trade);
  }

  private addToSize(trade: BarTrade): void {
    this.current ??= new Bar(trade.atSeconds);
    this.current.add(trade);
    const reached = this.by === 'trades' ? this.current.trades : this.current.volume;
    if (reached >= this.size) this.finish(this.current);
  }

  private finish(bar: Bar): void {
    this.done.push(bar);
    this.current = undefined;
  }
}

/** The trades of one symbol while they are added up. */
interface SymbolSums {
  readonly symbol: string;
  trades: number;
  volume: number;
  bought: number;
  notional: number;
  /** NaN before the first price. */
  lastPrice: number;
}

/** Adds up trades by symbol for one answer. */
export class SymbolsTally {
  private readonly bySymbol = new Map<string, SymbolSums>();

  /** Symbols so far. */
  get count(): number {
    return this.bySymbol.size;
  }

  add(symbol: string, { isBuy, qty, price }: Omit<BarTrade, 'atSeconds'>): void {
    let sums = this.bySymbol.get(symbol);
    if (sums === undefined) {
      sums = { symbol, trades: 0, volume: 0, bought: 0, notional: 0, lastPrice: Number.NaN };
      this.bySymbol.set(symbol, sums);
    }
    sums.trades += 1;
    sums.volume += qty;
    if (isBuy) sums.bought += qty;
    if (Number.isNaN(price)) return;
    sums.notional += price * qty;
    sums.lastPrice = price;
  }

  /** The first `limit` by that figure, equal ones by name; of one symbol alone if it is given, with its rank among all. */
  ranked(by: SymbolRanking, limit: number, only?: string): SymbolAnswer[] {
    const all = [...this.bySymbol.values()];
    const whole = all.reduce((sum, sums) => sum + sums[by], 0);
    const isBefore = (a: SymbolSums, b: SymbolSums): boolean =>
      a[by] > b[by] || (a[by] === b[by] && a.symbol < b.symbol);
    const toAnswer = (sums: SymbolSums, rank: number): SymbolAnswer => ({
      rank,
      symbol: sums.symbol,
      trades: sums.trades,
      volume: sums.volume,
      notional: Number.isNaN(sums.lastPrice) ? null : sums.notional,
      lastPrice: finiteOrNull(sums.lastPrice),
      delta: 2 * sums.bought - sums.volume,
      share: finiteOrNull(sums[by] / whole),
    });
    if (only !== undefined) {
      const found = this.bySymbol.get(only);
      return found === undefined
        ? []
        : [toAnswer(found, 1 + all.filter((other) => isBefore(other, found)).length)];
    }
    return all
      .toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
      .slice(0, limit)
      .map((sums, index) => toAnswer(sums, index + 1));
  }
}

/** Adds up values by steps of time for one answer; steps start at multiples of their width. */
export class SeriesTally {
  private readonly firstStep: number;
  private readonly sums: Float64Array;

  /** Covers the steps that start within the last `lastSeconds`; the newest is not complete. */
  constructor(
    nowSeconds: number,
    lastSeconds: number,
    private readonly stepSeconds: number,
  ) {
    this.firstStep = Math.ceil((nowSeconds - lastSeconds) / stepSeconds);
    const lastStep = Math.max(this.firstStep, Math.floor(nowSeconds / stepSeconds));
    this.sums = new Float64Array(lastStep - this.firstStep + 1);
  }

  /** Adds a value. Values of a step that lies only partly within the time are left out. */
  add(atSeconds: number, value: number): void {
    const step = Math.floor(atSeconds / this.stepSeconds) - this.firstStep;
    if (step >= 0 && step < this.sums.length) this.sums[step] = (this.sums[step] ?? 0) + value;
  }

  /** Each [start in unix epoch seconds, sum], oldest first. */
  points(): [number, number][] {
    return Array.from(this.sums, (sum, step) => [
      Number(((this.firstStep + step) * this.stepSeconds).toFixed(6)),
      sum,
    ]);
  }
}
