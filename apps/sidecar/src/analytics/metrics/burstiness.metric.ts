import { METRICS, ROLLING_WINDOWS, type RollingWindow, type TradeEvent } from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { finiteBurstiness, IdleGaps } from '../rolling/burstiness-formula.js';
import { MomentsRing } from '../rolling/moments-ring.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { MemoryReader, MemoryWriter, Receipt, TradeMetric } from '../trade.metric.js';

const BUCKET_SECONDS = 0.25;
const LONGEST_SECONDS = Math.max(...ROLLING_WINDOWS.map(({ seconds }) => seconds));

/**
 * How unevenly trades of both sides together come in. An inter-arrival time belongs to the window of the later trade; idle
 * time does not count.
 */
@Injectable()
export class BurstinessMetric implements TradeMetric {
  readonly isRefilled = true;
  private readonly gaps: MomentsRing;
  private readonly idle = new IdleGaps();
  private previousSeconds: number | undefined;

  constructor(private readonly clock: ReceiveClock) {
    this.gaps = new MomentsRing({
      bucketSeconds: BUCKET_SECONDS,
      spanSeconds: LONGEST_SECONDS,
      startSeconds: clock.startSeconds,
    });
    pulledGauges(METRICS.burstiness, (set) => {
      const values = this.read();
      for (const { label } of ROLLING_WINDOWS) set({ window: label }, values[label]);
    });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    this.gaps.moveTo(steadySeconds);
    const gapSeconds = steadySeconds - (this.previousSeconds ?? Number.NaN);
    if (gapSeconds >= 0 && !this.idle.take(gapSeconds, trades.length)) this.gaps.put(gapSeconds);
    this.previousSeconds = steadySeconds;
    // The other trades of the batch came with the first.
    for (let more = 1; more < trades.length; more += 1) this.gaps.put(0);
  }

  /** From −1 to 1 for each window; NaN while it holds too few inter-arrival times. */
  read(): Record<RollingWindow, number> {
    const now = this.clock.now();
    const [minute, five] = ROLLING_WINDOWS.map(({ seconds }) =>
      finiteBurstiness(this.gaps.read(seconds, now)),
    );
    return { '1m': minute ?? Number.NaN, '5m': five ?? Number.NaN };
  }

  remember(memory: MemoryWriter): void {
    this.gaps.remember(memory);
    this.idle.remember(memory);
    memory.put(memory.nowSeconds - (this.previousSeconds ?? Number.NaN));
  }

  recall(memory: MemoryReader): void {
    this.gaps.recall(memory);
    this.idle.recall(memory);
    // NaN where there was no trade: it makes no gap.
    this.previousSeconds = memory.nowSeconds - memory.next();
  }
}
