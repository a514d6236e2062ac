import { METRICS, type RejectionReason, TRADE_SIDES, type TradeEvent } from '@app/contracts';
import { pulled } from '@app/service-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { ArrivalTimes } from './arrival-times.js';
import {
  type AppliedListener,
  copyOf,
  TradeCounts,
  type TradeTally,
  type TradeTotals,
  WholeCounts,
} from './trade-counts.js';

/** The recorder does not count this event. The error becomes a rejection with this reason; nobody logs it. */
export class EventRejectedError extends Error {
  readonly code = 'ERR_EVENT_REJECTED';

  /** @param message one sentence for people; the dead letter shows it */
  constructor(
    readonly reason: RejectionReason,
    message: string,
  ) {
    super(message);
    this.name = 'EventRejectedError';
  }
}

/** The counts that continue after a restart. */
export interface RecorderState {
  readonly sides: TradeTotals;
  /** The `ts` of the trade applied last; 0 before the first. */
  readonly lastTradeSeconds: number;
  readonly clockSkew: number;
}

/** Turns valid trades into metrics: O(1) a trade, nothing looked up by name. */
@Injectable()
export class TradeRecorder {
  private readonly logger = new Logger(TradeRecorder.name);
  private listeners: readonly AppliedListener[] = [];
  /** Where the batch at hand is counted. */
  private tally: TradeTally | undefined;
  /** Its trades that are counted and not yet passed on. */
  private pending: Readonly<TradeEvent>[] = [];
  private pendingAtSeconds = 0;

  constructor(
    @InjectMetric(METRICS.tradesTotal.name) trades: Counter<'side' | 'partition'>,
    @InjectMetric(METRICS.volumeTotal.name) volume: Counter<'side' | 'partition'>,
    @InjectMetric(METRICS.lastTradeTimestamp.name) lastTradeTimestamp: Gauge,
    private readonly arrivals: ArrivalTimes,
    @Inject(TradeCounts) private readonly counts: TradeCounts = new WholeCounts(),
  ) {
    // Both sides exist at 0 from the start: a rate needs a first sample to start from.
    pulled(trades, (counter) => this.writeTo(counter, 'trades'));
    pulled(volume, (counter) => this.writeTo(counter, 'volume'));
    pulled(lastTradeTimestamp, (gauge) => gauge.set(this.counts.lastTradeSeconds));
    counts.onShown((shown, receivedAtSeconds) => {
      for (const listener of this.listeners) this.notify(listener, shown, receivedAtSeconds);
    });
  }

  /**
   * The trades until `endBatch` belong to this partition; undefined over ZeroMQ, which has none.
   *
   * @throws Error when this sidecar does not count the partition
   */
  beginBatch(partition: number | undefined): void {
    this.passOn();
    this.tally = this.counts.tallyOf(partition);
  }

  /**
   * Applies one trade that keeps the contract. `last_trade_ts_seconds` is the `ts` of the trade applied last, which is
   * not always the largest: with several producers, or a replay, time in the stream may step back. The listeners get the
   * trade at `endBatch`, or before the next trade with another time of receipt.
   *
   * @throws EventRejectedError `volume_overflow`, before anything was counted.
   */
  record(trade: Readonly<TradeEvent>, receivedAtSeconds: number): void {
    const tally = (this.tally ??= this.counts.tallyOf(undefined));
    if (!tally.sides[trade.side].add(trade.qty)) {
      throw new EventRejectedError(
        'volume_overflow',
        'qty would take volume_total beyond the largest number',
      );
    }
    tally.lastTradeSeconds = trade.ts;
    this.arrivals.observe(trade.ts, receivedAtSeconds);
    if (receivedAtSeconds !== this.pendingAtSeconds) this.passOn();
    this.pendingAtSeconds = receivedAtSeconds;
    this.pending.push(trade);
  }

  /** Passes the recorded trades on: the listeners get them when their counts are shown. */
  endBatch(): void {
    this.passOn();
    this.tally = undefined;
  }

  /** Trades and volume by side, as /metrics shows them. The objects may be live: copy what you keep. */
  totals(): TradeTotals {
    return this.counts.totals();
  }

  /** How many of the totals' trades this process received itself. */
  get applied(): number {
    return this.counts.applied;
  }

  /** A copy of the counts that continue after a restart. */
  capture(): RecorderState {
    return {
      sides: copyOf(this.totals()),
      lastTradeSeconds: this.counts.lastTradeSeconds,
      clockSkew: this.arrivals.skewedTrades,
    };
  }

  /** Continues the counts of an earlier process. Call it before the first trade. Histograms start at zero. */
  restore({ sides, lastTradeSeconds, clockSkew }: RecorderState): void {
    this.counts.tallyOf(undefined).restore(sides, lastTradeSeconds);
    this.arrivals.restore(clockSkew);
  }

  /**
   * Calls `listener` for every batch of trades applied from now on. It runs on the hot path. After an error it gets no more
   * trades.
   */
  onApplied(listener: AppliedListener): void {
    this.listeners = [...this.listeners, listener];
  }

  /** `counts` shows them: at once over ZeroMQ, behind a broker once their position is committed. Then the listeners get them. */
  private passOn(): void {
    if (this.pending.length === 0 || this.tally === undefined) return;
    const trades = this.pending;
    this.pending = [];
    this.counts.counted(this.tally, trades, this.pendingAtSeconds);
  }

  private writeTo(counter: Counter<'side' | 'partition'>, figure: 'trades' | 'volume'): void {
    for (const { labels, totals } of this.counts.series()) {
      for (const side of TRADE_SIDES) counter.inc({ side, ...labels }, totals[side][figure]);
    }
  }

  /** The trades are counted. An error thrown from here would make the transport retry them and count them twice. */
  private notify(
    listener: AppliedListener,
    trades: readonly Readonly<TradeEvent>[],
    receivedAtSeconds: number,
  ): void {
    try {
      listener(trades, receivedAtSeconds);
    } catch (error) {
      this.listeners = this.listeners.filter((other) => other !== listener);
      const cause = error instanceof Error ? error.stack : String(error);
      this.logger.error(
        'a listener to applied trades failed; it gets no more trades until the sidecar is restarted',
        cause,
      );
    }
  }
}
