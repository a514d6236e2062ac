import {
  METRICS,
  LONGEST_WINDOW_SECONDS,
  ROLLING_WINDOWS,
  type RollingWindow,
  SIDE_SCOPES,
  type SideScope,
  type TradeEvent,
} from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { Moments, MomentsRing } from '../rolling/moments-ring.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { MemoryReader, MemoryWriter, Receipt, TradeMetric } from '../trade.metric.js';

/** A window is at most this much too short; at a steady rate that is 0.4 % of a minute. */
const BUCKET_SECONDS = 0.25;
/** What a rolling window holds; the last three are NaN while it holds no trade. */
export interface WindowStats {
  readonly trades: number;
  readonly volume: number;
  readonly qtyMean: number;
  /** Of the population. */
  readonly qtyStddev: number;
  readonly qtyMax: number;
}

/** Rolling statistics of the trades of the last minute and the last five, by side and together. */
@Injectable()
export class WindowMetrics implements TradeMetric {
  readonly isRefilled = true;
  private readonly buy = this.ring();
  private readonly sell = this.ring();

  constructor(private readonly clock: ReceiveClock) {
    this.register('windowTrades', 'trades');
    this.register('windowVolume', 'volume');
    this.register('windowQtyMean', 'qtyMean');
    this.register('windowQtyStddev', 'qtyStddev');
    this.register('windowQtyMax', 'qtyMax');
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    this.buy.moveTo(steadySeconds);
    this.sell.moveTo(steadySeconds);
    for (const { side, qty } of trades) {
      const ring = side === 'buy' ? this.buy : this.sell;
      ring.put(qty);
    }
  }

  /** What the window holds now. */
  read(window: RollingWindow): Record<SideScope, WindowStats> {
    const { seconds } = ROLLING_WINDOWS.find(({ label }) => label === window) ?? ROLLING_WINDOWS[0];
    const now = this.clock.now();
    const buy = this.buy.read(seconds, now);
    const sell = this.sell.read(seconds, now);
    const all = new Moments();
    all.include(buy);
    all.include(sell);
    return { buy: toWindowStats(buy), sell: toWindowStats(sell), all: toWindowStats(all) };
  }

  remember(memory: MemoryWriter): void {
    this.buy.remember(memory);
    this.sell.remember(memory);
  }

  recall(memory: MemoryReader): void {
    this.buy.recall(memory);
    this.sell.recall(memory);
  }

  private ring(): MomentsRing {
    return new MomentsRing({
      bucketSeconds: BUCKET_SECONDS,
      spanSeconds: LONGEST_WINDOW_SECONDS,
      startSeconds: this.clock.startSeconds,
    });
  }

  private register(
    definition: 'windowTrades' | 'windowVolume' | 'windowQtyMean' | 'windowQtyStddev' | 'windowQtyMax',
    statistic: keyof WindowStats,
  ): void {
    pulledGauges(METRICS[definition], (set) => {
      for (const { label: window } of ROLLING_WINDOWS) {
        const stats = this.read(window);
        for (const side of SIDE_SCOPES) set({ side, window }, stats[side][statistic]);
      }
    });
  }
}

function toWindowStats({ count, sum, mean, stddev, max }: Moments): WindowStats {
  return { trades: count, volume: sum, qtyMean: mean, qtyStddev: stddev, qtyMax: max };
}
