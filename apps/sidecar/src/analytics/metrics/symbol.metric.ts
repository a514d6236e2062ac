import {
  METRICS,
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
import { PriceWindow } from '../rolling/price-window.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { Receipt, TradeMetric } from '../trade.metric.js';

const LONGEST_SECONDS = Math.max(...ROLLING_WINDOWS.map(({ seconds }) => seconds));
/** A symbol that was silent for this long makes room for a new one. */
const SILENT_SECONDS = 24 * 3600;
/** How often silent symbols are looked for while there is no room. */
const SEARCH_SECONDS = 60;

/** The label value of all symbols for which there is no room. */
export const OTHER_SYMBOLS = 'other';

/** What is known of one symbol. */
class SymbolTally {
  readonly trades: Record<TradeSide, number> = { buy: 0, sell: 0 };
  readonly volume: Record<TradeSide, number> = { buy: 0, sell: 0 };
  readonly notional: Record<TradeSide, number> = { buy: 0, sell: 0 };
  lastPrice = Number.NaN;
  prices: PriceWindow | undefined;
  lastSeconds = 0;

  add({ side, qty, price }: Readonly<TradeEvent>, atSeconds: number, startSeconds: number): void {
    this.trades[side] += 1;
    this.volume[side] += qty;
    this.lastSeconds = atSeconds;
    if (price === undefined || price === null) return;
    this.notional[side] += price * qty;
    this.lastPrice = price;
    // Many streams have no prices, and need no memory for them.
    this.prices ??= new PriceWindow(LONGEST_SECONDS, startSeconds);
    this.prices.add(price, qty, atSeconds);
  }
}

/** Trades, volume, notional and prices by symbol. Trades without a symbol are not in it. */
@Injectable()
export class SymbolMetrics implements TradeMetric {
  private readonly symbols = new Map<string, SymbolTally>();
  /** The tally of all symbols for which there is no room, once there is such a symbol. */
  private other: SymbolTally | undefined;
  private readonly maxSymbols: number;
  private readonly startSeconds: number;
  /** Trades that were counted as `other`. */
  private overflow = 0;
  private nextSearchSeconds = Number.NEGATIVE_INFINITY;
  /** Trades of one symbol often follow each other. */
  private lastName: string | undefined;
  private lastTally: SymbolTally | undefined;

  constructor(
    private readonly clock: ReceiveClock,
    { SYMBOLS_MAX }: SidecarConfig,
  ) {
    this.maxSymbols = SYMBOLS_MAX;
    this.startSeconds = clock.now();
    this.count('symbolTrades', 'trades');
    this.count('symbolVolume', 'volume');
    this.count('symbolNotional', 'notional');
    pulledCounter(METRICS.symbolsOverflow, () => this.overflow);
    pulledGauges(METRICS.lastPrice, (set) => {
      for (const [symbol, { lastPrice, prices }] of this.symbols) {
        if (prices !== undefined) set({ symbol }, lastPrice);
      }
    });
    pulledGauges(METRICS.windowVwap, (set) => {
      for (const symbol of this.symbols.keys()) {
        for (const { label: window } of ROLLING_WINDOWS) {
          const vwap = this.vwap(symbol, window);
          if (vwap !== undefined) set({ symbol, window }, vwap);
        }
      }
    });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    for (const trade of trades) {
      const { symbol } = trade;
      if (symbol === undefined || symbol === null) continue;
      if (symbol !== this.lastName || this.lastTally === undefined) {
        this.lastTally = this.tallyOf(symbol, steadySeconds);
        this.lastName = symbol;
      }
      this.lastTally.add(trade, steadySeconds, this.startSeconds);
      if (this.lastTally === this.other && symbol !== OTHER_SYMBOLS) this.overflow += 1;
    }
  }

  /** Σ price·qty / Σ qty of the window; NaN without volume in it, undefined for a symbol without prices. */
  vwap(symbol: string, window: RollingWindow): number | undefined {
    const seconds = ROLLING_WINDOWS.find(({ label }) => label === window)?.seconds ?? LONGEST_SECONDS;
    return this.symbols.get(symbol)?.prices?.vwap(seconds, this.clock.now());
  }

  private tallyOf(symbol: string, atSeconds: number): SymbolTally {
    const known = this.symbols.get(symbol);
    if (known !== undefined) return known;
    if (symbol !== OTHER_SYMBOLS && this.hasRoom(atSeconds)) return this.create(symbol);
    this.other ??= this.create(OTHER_SYMBOLS);
    return this.other;
  }

  private create(symbol: string): SymbolTally {
    const tally = new SymbolTally();
    this.symbols.set(symbol, tally);
    return tally;
  }

  /** Whether another symbol may have series of its own; forgets silent ones for that. */
  private hasRoom(atSeconds: number): boolean {
    const named = (): number => this.symbols.size - (this.other === undefined ? 0 : 1);
    if (named() < this.maxSymbols) return true;
    if (atSeconds < this.nextSearchSeconds) return false;
    this.nextSearchSeconds = atSeconds + SEARCH_SECONDS;
    for (const [symbol, tally] of this.symbols) {
      if (tally !== this.other && atSeconds - tally.lastSeconds > SILENT_SECONDS) this.symbols.delete(symbol);
    }
    return named() < this.maxSymbols;
  }

  private count(
    definition: 'symbolTrades' | 'symbolVolume' | 'symbolNotional',
    sum: 'trades' | 'volume' | 'notional',
  ): void {
    const { name, help, labelNames } = METRICS[definition];
    pulled(new Counter({ name, help, labelNames: [...labelNames] }), (counter) => {
      for (const [symbol, tally] of this.symbols) {
        for (const side of TRADE_SIDES) counter.inc({ symbol, side }, tally[sum][side]);
      }
    });
  }
}
