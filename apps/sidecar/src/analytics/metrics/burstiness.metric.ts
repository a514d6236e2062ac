import {
  METRICS,
  LONGEST_WINDOW_SECONDS,
  ROLLING_WINDOWS,
  type RollingWindow,
  type TradeEvent,
} from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { type Moments, MomentsRing } from '../rolling/moments-ring.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { MemoryReader, MemoryWriter, Receipt, TradeMetric } from '../trade.metric.js';

/** Fewer inter-arrival times than this say nothing about burstiness. */
const MIN_INTERARRIVALS = 10;

/**
 * The burstiness (σ−μ)/(σ+μ) of inter-arrival times by Goh and Barabási, EPL 81, 48002 (2008): −1 for a metronome, 0 for
 * random (Poisson) arrivals, towards 1 for bursts. NaN for fewer than `MIN_INTERARRIVALS`, and when all are 0.
 */
export function burstiness({ count, mean, stddev }: Moments): number {
  return count < MIN_INTERARRIVALS ? Number.NaN : (stddev - mean) / (stddev + mean);
}

/**
 * The same, independent of the number of arrivals n, by Kim and Jo, Phys. Rev. E 94, 032311 (2016), arXiv:1604.01125:
 * (√(n+1)·r − √(n−1)) / ((√(n+1) − 2)·r + √(n−1)) with r = σ/μ. The plain figure cannot reach 1 in a small sample, and is
 * below 0 for random arrivals. Both agree as n grows.
 */
export function finiteBurstiness({ count, mean, stddev }: Moments): number {
  if (count < MIN_INTERARRIVALS) return Number.NaN;
  const ratio = stddev / mean;
  const [above, below] = [Math.sqrt(count + 1), Math.sqrt(count - 1)];
  return (above * ratio - below) / ((above - 2) * ratio + below);
}

/** Shorter silences are never idle. */
const MIN_IDLE_SECONDS = 10;
/** A random (Poisson) stream has a gap of 100 mean gaps once in e¹⁰⁰ trades, which is never. */
const IDLE_MEANS = 100;
/** The mean covers about this many of the latest gaps. */
const MEMORY_GAPS = 1000;

/**
 * Tells the silence between two streams from the gaps within one. Burstiness is a measure of one stationary stream: a
 * single gap of a minute among thousands of milliseconds makes σ many times μ, and a metronome look bursty. See docs/decisions/0010.
 */
export class IdleGaps {
  private gaps = 0;
  private meanSeconds = 0;

  /** Takes the gap before a batch of `trades`. Returns true when it is idle time, and not a gap of the stream. */
  take(seconds: number, trades = 1): boolean {
    const isIdle =
      this.gaps >= MIN_INTERARRIVALS && seconds > MIN_IDLE_SECONDS && seconds > IDLE_MEANS * this.meanSeconds;
    if (isIdle) {
      // The stream after it may have another rate: its mean starts anew.
      this.gaps = 0;
      return true;
    }
    this.gaps = Math.min(this.gaps + trades, MEMORY_GAPS);
    this.meanSeconds += (seconds / trades - this.meanSeconds) * Math.min(1, trades / this.gaps);
    return false;
  }

  remember(memory: MemoryWriter): void {
    memory.put(this.gaps, this.meanSeconds);
  }

  recall(memory: MemoryReader): void {
    this.gaps = memory.next();
    this.meanSeconds = memory.next();
  }
}

const BUCKET_SECONDS = 0.25;
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
      spanSeconds: LONGEST_WINDOW_SECONDS,
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
