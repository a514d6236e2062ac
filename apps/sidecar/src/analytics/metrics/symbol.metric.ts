import { METRICS, OTHER_SYMBOL, TRADE_SIDES, type TradeEvent, type TradeSide } from '@app/contracts';
import { pulled, pulledCounter } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { SidecarConfig } from '../../config/sidecar.config.js';
import type { KeptRows } from '../../counting/state/trade-state.js';
import type { Receipt, TradeMetric } from '../trade.metric.js';

/** A symbol that was silent for this long makes room for a new one. */
const SILENT_SECONDS = 24 * 3600;
/** How often silent symbols are looked for while there is no room. */
const SEARCH_SECONDS = 60;

/** What is known of each symbol, for a bounded number of symbols: the label values that Prometheus sees must be few. */
export class SymbolTable<T> {
  private readonly bySymbol = new Map<string, { readonly value: T; lastSeconds: number }>();
  private nextSearchSeconds = Number.NEGATIVE_INFINITY;

  /** @param onGone called with a symbol that makes room */
  constructor(
    private readonly maxSymbols: number,
    private readonly make: (symbol: string) => T,
    private readonly onGone: (symbol: string) => void = () => undefined,
  ) {}

  get(symbol: string): T | undefined {
    return this.bySymbol.get(symbol)?.value;
  }

  get size(): number {
    return this.bySymbol.size;
  }

  /** Each symbol with what is known of it, and when it traded last. */
  *entries(): Iterable<[string, T, number]> {
    for (const [symbol, { value, lastSeconds }] of this.bySymbol) yield [symbol, value, lastSeconds];
  }

  /** When a symbol traded last; NaN for one that has no place. */
  lastSecondsOf(symbol: string): number {
    return this.bySymbol.get(symbol)?.lastSeconds ?? Number.NaN;
  }

  /** What is known of a symbol that trades now, new ones included; undefined when there is no room for it. */
  find(symbol: string, atSeconds: number): T | undefined {
    let entry = this.bySymbol.get(symbol);
    if (entry === undefined) {
      if (!this.hasRoom(atSeconds)) return undefined;
      entry = { value: this.make(symbol), lastSeconds: atSeconds };
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
      if (atSeconds - lastSeconds <= SILENT_SECONDS) continue;
      this.bySymbol.delete(symbol);
      this.onGone(symbol);
    }
    return this.bySymbol.size < this.maxSymbols;
  }
}

/** The totals of one symbol. */
class SymbolTotals {
  readonly trades: Record<TradeSide, number> = { buy: 0, sell: 0 };
  readonly volume: Record<TradeSide, number> = { buy: 0, sell: 0 };
  readonly notional: Record<TradeSide, number> = { buy: 0, sell: 0 };

  /** Whether it is among those that must be written. */
  isChanged = false;

  constructor(readonly symbol: string) {}

  /** All figures, in the order in which `restore` takes them. */
  row(): number[] {
    return [this.trades, this.volume, this.notional].flatMap(({ buy, sell }) => [buy, sell]);
  }

  /** Adds the totals of an earlier process. */
  restore(row: readonly number[]): void {
    [this.trades, this.volume, this.notional].forEach((sum, index) => {
      sum.buy += row[2 * index] ?? 0;
      sum.sell += row[2 * index + 1] ?? 0;
    });
  }

  add({ side, qty, price }: Readonly<TradeEvent>): void {
    this.trades[side] += 1;
    this.volume[side] += qty;
    if (typeof price === 'number') this.notional[side] += price * qty;
  }
}

/** No symbol has this name. */
const OVERFLOW_KEY = '#overflow';

/** Trades, volume and notional by symbol. Trades without a symbol do not count here. */
@Injectable()
export class SymbolMetrics implements TradeMetric {
  private readonly symbols: SymbolTable<SymbolTotals>;
  /** Of all symbols for which there is no room, once there is such a symbol. */
  private other: SymbolTotals | undefined;
  private overflow = 0;
  /** What must be written; nothing where no state is kept. */
  private changed: SymbolTotals[] = [];
  private gone: string[] = [];
  private isKept = false;

  readonly keptRows: KeptRows = {
    part: 'symbols',
    takeChanged: () => this.takeChanged(),
    restore: (values) => this.restore(values),
  };

  constructor({ SYMBOLS_MAX }: SidecarConfig) {
    this.symbols = new SymbolTable(
      SYMBOLS_MAX,
      (symbol) => new SymbolTotals(symbol),
      (symbol) => {
        if (this.isKept) this.gone.push(symbol);
      },
    );
    this.count('symbolTrades', 'trades');
    this.count('symbolVolume', 'volume');
    this.count('symbolNotional', 'notional');
    pulledCounter(METRICS.symbolsOverflow, () => this.overflow);
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    for (const trade of trades) {
      if (typeof trade.symbol !== 'string') continue;
      const totals = this.totalsOf(trade.symbol, steadySeconds);
      totals.add(trade);
      if (!totals.isChanged && this.isKept) this.note(totals);
    }
  }

  private note(totals: SymbolTotals): void {
    totals.isChanged = true;
    this.changed.push(totals);
  }

  private *takeChanged(): Iterable<readonly [key: string, value: unknown]> {
    if (this.changed.length === 0) return;
    for (const symbol of this.gone.splice(0)) yield [symbol, undefined];
    for (const totals of this.changed.splice(0)) {
      totals.isChanged = false;
      const lastSeconds = totals === this.other ? 0 : this.symbols.lastSecondsOf(totals.symbol);
      if (!Number.isNaN(lastSeconds)) yield [totals.symbol, [lastSeconds, ...totals.row()]];
    }
    yield [OVERFLOW_KEY, this.overflow];
  }

  /** Symbols for which there is no room any more, with a smaller SYMBOLS_MAX, count as other from now on. */
  private restore(values: ReadonlyMap<string, unknown>): void {
    this.isKept = true;
    for (const [symbol, value] of values) {
      if (symbol === OVERFLOW_KEY) {
        this.overflow += value as number;
        continue;
      }
      const [lastSeconds = 0, ...row] = value as number[];
      const own =
        symbol === OTHER_SYMBOL
          ? undefined
          : this.symbols.find(symbol, Math.min(lastSeconds, epochSeconds()));
      const totals = own ?? (this.other ??= new SymbolTotals(OTHER_SYMBOL));
      totals.restore(row);
      if (own !== undefined || symbol === OTHER_SYMBOL) continue;
      this.gone.push(symbol);
      if (!totals.isChanged) this.note(totals);
    }
  }

  private totalsOf(symbol: string, atSeconds: number): SymbolTotals {
    if (symbol !== OTHER_SYMBOL) {
      const totals = this.symbols.find(symbol, atSeconds);
      if (totals !== undefined) return totals;
      this.overflow += 1;
    }
    this.other ??= new SymbolTotals(OTHER_SYMBOL);
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
