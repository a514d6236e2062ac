import { METRICS, TRADE_SIDES, type TradeEvent, type TradeSide } from '@app/contracts';
import { pulled } from '@app/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import { ArrivalTimes } from './arrival.times.js';
import { SideTally } from './side.tally.js';

/**
 * Told of the trades that were applied, in order, once for each batch; all of a batch have one time of receipt. It runs on
 * the hot path; one that throws is not told any more.
 */
export type AppliedListener = (trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number) => void;

/** What was applied since the start, or since ever where state is kept. */
export type TradeTotals = Readonly<Record<TradeSide, Readonly<{ trades: number; volume: number }>>>;

/** All that goes on after a restart. */
export interface RecorderState {
  readonly sides: TradeTotals;
  /** The `ts` of the trade applied last; 0 before the first. */
  readonly lastTradeSeconds: number;
  readonly clockSkew: number;
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
  /** Applied, and the listeners do not know of them yet. */
  private untold: Readonly<TradeEvent>[] = [];
  private untoldAtSeconds = 0;

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
   * Applies one trade that the contract accepted. `last_trade_ts_seconds` is the `ts` of the trade applied last, which
   * is not always the largest: with several producers, or a replay, time in the stream may step back. The listeners are
   * told at `endBatch`, or before the next trade that came in at another time.
   *
   * @throws EventRefusedError `volume_overflow`, before anything was counted.
   */
  record(trade: Readonly<TradeEvent>, receivedAtSeconds: number): void {
    if (!this.tallies[trade.side].add(trade.qty)) {
      throw new EventRefusedError('volume_overflow', 'qty would take volume_total beyond the largest number');
    }
    this.lastTradeSeconds = trade.ts;
    this.arrivals.observe(trade.ts, receivedAtSeconds);
    if (receivedAtSeconds !== this.untoldAtSeconds) this.endBatch();
    this.untoldAtSeconds = receivedAtSeconds;
    this.untold.push(trade);
  }

  /** Tells the listeners of what was recorded since they were last told. */
  endBatch(): void {
    if (this.untold.length === 0) return;
    const trades = this.untold;
    this.untold = [];
    for (const listener of this.listeners) this.tell(listener, trades, this.untoldAtSeconds);
  }

  /** Trades and volume by side; the objects are live and must not be kept. */
  totals(): TradeTotals {
    return this.tallies;
  }

  /** A copy of what goes on after a restart. */
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

  /** Goes on from what an earlier process counted; before the first trade. Histograms start anew. */
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

  /** The trades are counted: an error from here would have the transport try them again, and count them twice. */
  private tell(
    listener: AppliedListener,
    trades: readonly Readonly<TradeEvent>[],
    receivedAtSeconds: number,
  ): void {
    try {
      listener(trades, receivedAtSeconds);
    } catch (error) {
      this.listeners = this.listeners.filter((other) => other !== listener);
      const cause = error instanceof Error ? error.stack : String(error);
      this.logger.error('a listener to applied trades failed and is not told any more', cause);
    }
  }
}
