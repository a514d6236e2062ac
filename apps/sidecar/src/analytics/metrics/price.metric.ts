import {
  METRICS,
  LONGEST_WINDOW_SECONDS,
  ROLLING_WINDOWS,
  type RollingWindow,
  type TradeEvent,
} from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { SidecarConfig } from '../../config/sidecar.config.js';
import { type BucketRing, recallBuckets, rememberBuckets } from '../rolling/moments-ring.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { MemoryReader, MemoryWriter, Receipt, TradeMetric } from '../trade.metric.js';
import { SymbolTable } from './symbol.metric.js';

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

  remember(memory: MemoryWriter): void {
    rememberBuckets(memory, this.buckets());
  }

  recall(memory: MemoryReader): void {
    this.newest = recallBuckets(memory, this.buckets());
  }

  private buckets(): BucketRing {
    const { numbers, newest, notionals, volumes, startSeconds } = this;
    return {
      bucketSeconds: PRICE_BUCKET_SECONDS,
      startSeconds,
      newest,
      numbers,
      columns: [notionals, volumes],
    };
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
    const { startSeconds } = clock;
    this.symbols = new SymbolTable(SYMBOLS_MAX, () => ({
      last: Number.NaN,
      window: new PriceWindow(LONGEST_WINDOW_SECONDS, startSeconds),
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

  remember(memory: MemoryWriter): void {
    memory.put(this.symbols.size);
    for (const [symbol, { last, window }, lastSeconds] of this.symbols.entries()) {
      memory.putText(symbol);
      memory.put(last, memory.nowSeconds - lastSeconds);
      window.remember(memory);
    }
  }

  recall(memory: MemoryReader): void {
    for (let left = memory.next(); left > 0; left -= 1) {
      const symbol = memory.nextText();
      const [last, ageSeconds] = [memory.next(), memory.next()];
      const prices = this.symbols.find(symbol, memory.nowSeconds - ageSeconds);
      // Without room, with a smaller SYMBOLS_MAX: nor is there for those after it.
      if (prices === undefined) return;
      prices.last = last;
      prices.window.recall(memory);
    }
  }

  /** Σ price·qty / Σ qty of the window; NaN without volume in it, undefined for a symbol without prices. */
  vwap(symbol: string, window: RollingWindow): number | undefined {
    const seconds = ROLLING_WINDOWS.find(({ label }) => label === window)?.seconds ?? LONGEST_WINDOW_SECONDS;
    return this.symbols.get(symbol)?.window.vwap(seconds, this.clock.now());
  }
}
