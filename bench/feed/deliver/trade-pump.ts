import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff, type BackOffBounds } from '../exchange/back-off.js';
import type { FeedTrade, SinkOutcome, TradeBatch, TradeSink } from './trade-sink.js';

/** How a pump works. */
export interface PumpOptions {
  /** Trades that may wait for the sink; the next one is dropped. */
  readonly capacity: number;
  /** Most trades in one batch. @default 1000 */
  readonly maxBatch?: number;
  readonly backOff?: BackOffBounds;
}

/** Where the trades of a pump have gone. Every trade that it was given is accepted, refused, dropped, or waits. */
export interface PumpTotals {
  readonly accepted: number;
  /** By field and rule. */
  readonly refused: Readonly<Record<string, number>>;
  /** For want of room here. */
  readonly dropped: number;
  readonly waiting: number;
}

/** What a pump tells. */
export interface PumpListener {
  /** The sink takes nothing for now. Called once until it takes something again. */
  onStalled(why: string, waiting: number): void;
  onResumed(): void;
  /** The sink will take nothing: the pump has ended. */
  onHopeless(why: string): void;
}

/**
 * Takes trades at any rate and gives them to a sink in their order, one batch at a time: what comes while a batch is under way
 * leaves with the next one. While the sink refuses, a bounded number waits.
 */
export class TradePump {
  private readonly backOff: BackOff;
  private readonly ending = new AbortController();
  private readonly refused: Record<string, number> = {};
  private queue: FeedTrade[] = [];
  /** Under way, or to be sent again as it is. */
  private batch: TradeBatch | undefined;
  private maxBatch: number;
  private accepted = 0;
  private dropped = 0;
  private isStalled = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly sink: TradeSink,
    private readonly options: PumpOptions,
    private readonly listener: PumpListener,
  ) {
    this.maxBatch = options.maxBatch ?? 1000;
    this.backOff = new BackOff(options.backOff);
  }

  get totals(): PumpTotals {
    const { accepted, refused, dropped } = this;
    return { accepted, refused, dropped, waiting: this.waiting };
  }

  add(trade: FeedTrade): void {
    if (this.waiting >= this.options.capacity || this.ending.signal.aborted) {
      this.dropped += 1;
      return;
    }
    this.queue.push(trade);
    // Starts after what else comes in this turn.
    this.running ??= Promise.resolve().then(() => this.run());
  }

  /** Waits until nothing waits, for so long at most. Then nothing is sent any more. */
  async drain(timeoutMs: number): Promise<void> {
    const limit = setTimeout(() => this.ending.abort(), timeoutMs);
    await this.running;
    clearTimeout(limit);
    this.ending.abort();
  }

  private get waiting(): number {
    return this.queue.length + (this.batch?.trades.length ?? 0);
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted && this.waiting > 0) {
      this.batch ??= { key: randomUUID(), trades: this.queue.splice(0, this.maxBatch) };
      const waitMs = this.settle(await this.sink.send(this.batch, this.ending.signal), this.batch);
      if (waitMs > 0) await this.pause(waitMs);
    }
    this.running = undefined;
  }

  /** @returns how long to wait before the next batch */
  private settle(outcome: SinkOutcome, batch: TradeBatch): number {
    if (outcome.kind === 'later') {
      this.stall(outcome.why);
      return this.backOff.nextMs(outcome.waitMs);
    }
    this.batch = undefined;
    if (outcome.kind === 'done') return this.settleDone(outcome);
    if (outcome.kind === 'too_large' && batch.trades.length > 1) {
      this.maxBatch = Math.ceil(batch.trades.length / 2);
      this.queue.unshift(...batch.trades);
      return 0;
    }
    if (outcome.kind === 'too_large') this.refuse('body maxBytes', 1);
    else {
      this.queue.unshift(...batch.trades);
      this.ending.abort();
      this.listener.onHopeless(outcome.why);
    }
    return 0;
  }

  private settleDone({ accepted, refused, left, waitMs }: SinkOutcome & { kind: 'done' }): number {
    this.accepted += accepted;
    for (const [rule, count] of Object.entries(refused)) this.refuse(rule, count);
    if (left.length > 0) {
      this.queue.unshift(...left);
      this.stall('it has no room');
      return waitMs;
    }
    this.backOff.reset();
    if (this.isStalled) this.listener.onResumed();
    this.isStalled = false;
    return 0;
  }

  private refuse(rule: string, count: number): void {
    this.refused[rule] = (this.refused[rule] ?? 0) + count;
  }

  private stall(why: string): void {
    if (!this.isStalled) this.listener.onStalled(why, this.waiting);
    this.isStalled = true;
  }

  private async pause(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.ending.signal });
    } catch (error) {
      // The end of the drain: the loop sees it.
      if (!this.ending.signal.aborted) throw error;
    }
  }
}
