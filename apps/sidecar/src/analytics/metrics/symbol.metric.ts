import {
  METRICS,
  OTHER_SYMBOL,
  ROLLING_WINDOWS,
  type RollingWindow,
  TRADE_SIDES,
  type TradeEvent,
  type TradeSide,
} from '@app/contracts';
import { pulled, pulledCounter, pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { SidecarConfig } from '../../config/sidecar.config.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { Receipt, TradeMetric } from '../trade.metric.js';

/** A symbol that was silent for this long makes room for a new one. */
const SILENT_SECONDS = 24 * 3600;
/** How often silent symbols are looked for while there is no room. */
const SEARCH_SECONDS = 60;

/** What is known of each symbol, for a bounded number of symbols: the label values that Prometheus sees must be few. */
export class SymbolTable<T> {
  private readonly bySymbol = new Map<string, { readonly value: T; lastSeconds: number }>();
  private nextSearchSeconds = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly maxSymbols: number,
    private readonly make: () => T,
  ) {}

  get(symbol: string): T | undefined {
    return this.bySymbol.get(symbol)?.value;
  }

  *entries(): Iterable<[string, T]> {
    for (const [symbol, { value }] of this.bySymbol) yield [symbol, value];
  }

  /** What is known of a symbol that trades now, new ones included; undefined when there is no room for it. */
  find(symbol: string, atSeconds: number): T | undefined {
    let entry = this.bySymbol.get(symbol);
    if (entry === undefined) {
      if (!this.hasRoom(atSeconds)) return undefined;
      entry = { value: this.make(), lastSeconds: atSeconds };
      this.bySymbol.set(symbol, entry);
    }
    entry.lastSeconds = atSeconds;
    return entry.value;
  }

  private hasRoom(atSeconds: number): boolean {
    if (this.bySymbol.size < this.maxSymbols) return true;
    if (atSeconds < this.nextSearchSeconds) return false;
    this.nextSearchSeconds = atSeconds + SEARCH_SECONDS;
    for (const [symbol, { lastSeconds }] of this.bySymbol) {
      if (atSeconds - lastSeconds > SILENT_SECONDS) this.bySymbol.delete(symbol);
    }
    return this.bySymbol.size < this.maxSymbols;
  }
}

/** The totals of one symbol. */
class SymbolTotals {
  readonly trades: Record<TradeSide, number> = { buy: 0, sell: 0 };
  readonly volume: Record<TradeSide, number> = { buy: 0, sell: 0 };
  readonly notional: Record<TradeSide, number> = { buy: 0, sell: 0 };

  add({ side, qty, price }: Readonly<TradeEvent>): void {
    this.trades[side] += 1;
    this.volume[side] += qty;
    if (typeof price === 'number') this.notional[side] += price * qty;
  }
}

/** Trades, volume and notional by symbol. Trades without a symbol are not in it. */
@Injectable()
export class SymbolMetrics implements TradeMetric {
  private readonly symbols: SymbolTable<SymbolTotals>;
  /** Of all symbols for which there is no room, once there is such a symbol. */
  private other: SymbolTotals | undefined;
  private overflow = 0;

  constructor({ SYMBOLS_MAX }: SidecarConfig) {
    this.symbols = new SymbolTable(SYMBOLS_MAX, () => new SymbolTotals());
    this.count('symbolTrades', 'trades');
    this.count('symbolVolume', 'volume');
    this.count('symbolNotional', 'notional');
    pulledCounter(METRICS.symbolsOverflow, () => this.overflow);
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    for (const trade of trades) {
      if (typeof trade.symbol === 'string') this.totalsOf(trade.symbol, steadySeconds).add(trade);
    }
  }

  private totalsOf(symbol: string, atSeconds: number): SymbolTotals {
    if (symbol !== OTHER_SYMBOL) {
      const totals = this.symbols.find(symbol, atSeconds);
      if (totals !== undefined) return totals;
      this.overflow += 1;
    }
    this.other ??= new SymbolTotals();
    return this.other;
  }

  private count(
    definition: 'symbolTrades' | 'symbolVolume' | 'symbolNotional',
    sum: 'trades' | 'volume' | 'notional',
  ): void {
    const { name, help, labelNames } = METRICS[definition];
    pulled(new Counter({ name, help, labelNames: [...labelNames] }), (counter) => {
      const set = (symbol: string, totals: SymbolTotals): void => {
        for (const side of TRADE_SIDES) counter.inc({ symbol, side }, totals[sum][side]);
      };
      for (const [symbol, totals] of this.symbols.entries()) set(symbol, totals);
      if (this.other !== undefined) set(OTHER_SYMBOL, this.other);
    });
  }
}

const LONGEST_SECONDS = Math.max(...ROLLING_WINDOWS.map(({ seconds }) => seconds));

/** Width of a bucket: a window is at most this much too short. */
const PRICE_BUCKET_SECONDS = 1;

/**
 * Prices and quantities of the recent past, summed up by buckets of a second, for the volume-weighted average price of a
 * window. Adding costs O(1) and allocates nothing; 6 kB for five minutes.
 */
class PriceWindow {
  private readonly numbers: Int32Array;
  private readonly notionals: Float64Array;
  private readonly volumes: Float64Array;
  private newest = 0;

  /** @param startSeconds any time before the first trade */
  constructor(
    private readonly spanSeconds: number,
    private readonly startSeconds: number,
  ) {
    const size = Math.round(spanSeconds / PRICE_BUCKET_SECONDS);
    this.numbers = new Int32Array(size).fill(-1);
    this.notionals = new Float64Array(size);
    this.volumes = new Float64Array(size);
  }

  add(price: number, qty: number, atSeconds: number): void {
    const number = this.numberAt(atSeconds);
    const slot = number % this.numbers.length;
    this.newest = number;
    if (this.numbers[slot] !== number) {
      this.numbers[slot] = number;
      this.notionals[slot] = 0;
      this.volumes[slot] = 0;
    }
    this.notionals[slot] = (this.notionals[slot] ?? 0) + price * qty;
    this.volumes[slot] = (this.volumes[slot] ?? 0) + qty;
  }

  /** Σ price·qty / Σ qty of the window that ends now; NaN without volume. At most `spanSeconds` long. */
  vwap(windowSeconds: number, nowSeconds: number): number {
    const newest = this.numberAt(nowSeconds);
    const wanted = Math.round(Math.min(windowSeconds, this.spanSeconds) / PRICE_BUCKET_SECONDS);
    let [notional, volume] = [0, 0];
    for (let number = Math.max(0, newest - wanted + 1); number <= newest; number += 1) {
      const slot = number % this.numbers.length;
      if (this.numbers[slot] !== number) continue;
      notional += this.notionals[slot] ?? 0;
      volume += this.volumes[slot] ?? 0;
    }
    return volume === 0 ? Number.NaN : notional / volume;
  }

  /** A time before the latest one counts as the latest: clocks may step, windows must not. */
  private numberAt(seconds: number): number {
    return Math.max(this.newest, Math.floor((seconds - this.startSeconds) / PRICE_BUCKET_SECONDS));
  }
}

/** The prices of one symbol. */
interface SymbolPrices {
  last: number;
  readonly window: PriceWindow;
}

/**
 * The last price and the volume-weighted average price of each symbol. A symbol for which there is no room has none: prices
 * of different symbols have no mean.
 */
@Injectable()
export class PriceMetrics implements TradeMetric {
  readonly isRefilled = true;
  private readonly symbols: SymbolTable<SymbolPrices>;

  constructor(
    private readonly clock: ReceiveClock,
    { SYMBOLS_MAX }: SidecarConfig,
  ) {
    const startSeconds = clock.now();
    this.symbols = new SymbolTable(SYMBOLS_MAX, () => ({
      last: Number.NaN,
      window: new PriceWindow(LONGEST_SECONDS, startSeconds),
    }));
    pulledGauges(METRICS.lastPrice, (set) => {
      for (const [symbol, { last }] of this.symbols.entries()) set({ symbol }, last);
    });
    pulledGauges(METRICS.windowVwap, (set) => {
      for (const [symbol, { window: prices }] of this.symbols.entries()) {
        for (const { label: window, seconds } of ROLLING_WINDOWS) {
          set({ symbol, window }, prices.vwap(seconds, clock.now()));
        }
      }
    });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    for (const { symbol, price, qty } of trades) {
      if (typeof symbol !== 'string' || typeof price !== 'number') continue;
      const prices = this.symbols.find(symbol, steadySeconds);
      if (prices === undefined) continue;
      prices.last = price;
      prices.window.add(price, qty, steadySeconds);
    }
  }

  /** Σ price·qty / Σ qty of the window; NaN without volume in it, undefined for a symbol without prices. */
  vwap(symbol: string, window: RollingWindow): number | undefined {
    const seconds = ROLLING_WINDOWS.find(({ label }) => label === window)?.seconds ?? LONGEST_SECONDS;
    return this.symbols.get(symbol)?.window.vwap(seconds, this.clock.now());
  }
}
