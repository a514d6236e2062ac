import { METRICS, type RejectionReason, TRADE_SIDES, type TradeEvent, type TradeSide } from '@app/contracts';
import { pulled } from '@app/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { ArrivalTimes } from './arrival-times.js';

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

/**
 * Gets the trades that were applied, in order, once a batch; all trades of a batch have one time of receipt. A listener
 * runs on the hot path. After an error it gets no more trades.
 */
export type AppliedListener = (trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number) => void;

/** Running totals of one side. */
export interface SideTotals {
  readonly trades: number;
  readonly volume: number;
}

/** What was applied since the start; with kept state, since the first start. */
export type TradeTotals = Readonly<Record<TradeSide, SideTotals>>;

/** The counts that continue after a restart. */
export interface RecorderState {
  readonly sides: TradeTotals;
  /** The `ts` of the trade applied last; 0 before the first. */
  readonly lastTradeSeconds: number;
  readonly clockSkew: number;
}

/** The running totals of one side. Its counters read them when Prometheus asks. */
class SideTally implements SideTotals {
  trades = 0;
  /** Always finite. */
  volume = 0;

  /** Adds the totals of an earlier process. */
  restore({ trades, volume }: SideTotals): void {
    this.trades += trades;
    this.volume += volume;
  }

  /** Adds one trade; returns false, and changes nothing, when the volume would become infinite. */
  add(qty: number): boolean {
    const volume = this.volume + qty;
    if (!Number.isFinite(volume)) return false;
    this.trades += 1;
    this.volume = volume;
    return true;
  }
}

/** Turns valid trades into metrics: O(1) a trade, nothing looked up by name. */
@Injectable()
export class TradeRecorder {
  private readonly tallies: Readonly<Record<TradeSide, SideTally>> = {
    buy: new SideTally(),
    sell: new SideTally(),
  };
  private readonly logger = new Logger(TradeRecorder.name);
  private listeners: readonly AppliedListener[] = [];
  private lastTradeSeconds = 0;
  /** Applied, but not yet passed to the listeners. */
  private pending: Readonly<TradeEvent>[] = [];
  private pendingAtSeconds = 0;

  constructor(
    @InjectMetric(METRICS.tradesTotal.name) trades: Counter<'side'>,
    @InjectMetric(METRICS.volumeTotal.name) volume: Counter<'side'>,
    @InjectMetric(METRICS.lastTradeTimestamp.name) lastTradeTimestamp: Gauge,
    private readonly arrivals: ArrivalTimes,
  ) {
    // Both sides exist at 0 from the start: a rate needs a first sample to start from.
    pulled(trades, (counter) => {
      for (const side of TRADE_SIDES) counter.inc({ side }, this.tallies[side].trades);
    });
    pulled(volume, (counter) => {
      for (const side of TRADE_SIDES) counter.inc({ side }, this.tallies[side].volume);
    });
    pulled(lastTradeTimestamp, (gauge) => gauge.set(this.lastTradeSeconds));
  }

  /**
   * Applies one trade that keeps the contract. `last_trade_ts_seconds` is the `ts` of the trade applied last, which is
   * not always the largest: with several producers, or a replay, time in the stream may step back. The listeners get the
   * trade at `endBatch`, or before the next trade with another time of receipt.
   *
   * @throws EventRejectedError `volume_overflow`, before anything was counted.
   */
  record(trade: Readonly<TradeEvent>, receivedAtSeconds: number): void {
    if (!this.tallies[trade.side].add(trade.qty)) {
      throw new EventRejectedError(
        'volume_overflow',
        'qty would take volume_total beyond the largest number',
      );
    }
    this.lastTradeSeconds = trade.ts;
    this.arrivals.observe(trade.ts, receivedAtSeconds);
    if (receivedAtSeconds !== this.pendingAtSeconds) this.endBatch();
    this.pendingAtSeconds = receivedAtSeconds;
    this.pending.push(trade);
  }

  /** Passes the recorded trades to the listeners. */
  endBatch(): void {
    if (this.pending.length === 0) return;
    const trades = this.pending;
    this.pending = [];
    for (const listener of this.listeners) this.notify(listener, trades, this.pendingAtSeconds);
  }

  /** Trades and volume by side. The objects are live: copy what you keep. */
  totals(): TradeTotals {
    return this.tallies;
  }

  /** A copy of the counts that continue after a restart. */
  capture(): RecorderState {
    const { buy, sell } = this.tallies;
    return {
      sides: {
        buy: { trades: buy.trades, volume: buy.volume },
        sell: { trades: sell.trades, volume: sell.volume },
      },
      lastTradeSeconds: this.lastTradeSeconds,
      clockSkew: this.arrivals.skewedTrades,
    };
  }

  /** Continues the counts of an earlier process. Call it before the first trade. Histograms start at zero. */
  restore({ sides, lastTradeSeconds, clockSkew }: RecorderState): void {
    this.tallies.buy.restore(sides.buy);
    this.tallies.sell.restore(sides.sell);
    this.lastTradeSeconds = lastTradeSeconds;
    this.arrivals.restore(clockSkew);
  }

  /** Calls `listener` for every batch of trades applied from now on. */
  onApplied(listener: AppliedListener): void {
    this.listeners = [...this.listeners, listener];
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
