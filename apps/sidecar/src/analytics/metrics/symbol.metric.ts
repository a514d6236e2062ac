import { METRICS, TRADE_SIDES, type TradeEvent, type TradeSide } from '@app/contracts';
import { pulled, pulledCounter } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { SidecarConfig } from '../../config/sidecar.config.js';
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

/** The label value of all symbols for which there is no room. */
const OTHER_SYMBOLS = 'other';

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
    if (symbol !== OTHER_SYMBOLS) {
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
      if (this.other !== undefined) set(OTHER_SYMBOLS, this.other);
    });
  }
}
