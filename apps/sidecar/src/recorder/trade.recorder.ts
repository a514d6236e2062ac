import { METRICS, type TradeEvent, type TradeSide } from '@app/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import { ArrivalTimes } from './arrival.times.js';
import { SideTally } from './side.tally.js';

/** Told of every trade that was applied, in order. It runs on the hot path; one that throws is not told any more. */
export type AppliedListener = (trade: Readonly<TradeEvent>, receivedAtSeconds: number) => void;

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
  private readonly tallies: Readonly<Record<TradeSide, SideTally>>;
  private readonly logger = new Logger(TradeRecorder.name);
  private listeners: readonly AppliedListener[] = [];
  private lastTradeSeconds = 0;

  constructor(
    @InjectMetric(METRICS.tradesTotal.name) trades: Counter<'side'>,
    @InjectMetric(METRICS.volumeTotal.name) volume: Counter<'side'>,
    @InjectMetric(METRICS.lastTradeTimestamp.name) private readonly lastTradeTimestamp: Gauge,
    private readonly arrivals: ArrivalTimes,
  ) {
    this.tallies = {
      buy: new SideTally(trades.labels('buy'), volume.labels('buy')),
      sell: new SideTally(trades.labels('sell'), volume.labels('sell')),
    };
  }

  /**
   * Applies one trade that the contract accepted. `last_trade_ts_seconds` is the `ts` of the trade applied last, which
   * is not always the largest: with several producers, or a replay, time in the stream may step back.
   *
   * @throws EventRefusedError `volume_overflow`, before anything was counted.
   */
  record(trade: Readonly<TradeEvent>, receivedAtSeconds: number): void {
    if (!this.tallies[trade.side].add(trade.qty)) {
      throw new EventRefusedError('volume_overflow', 'qty would take volume_total beyond the largest number');
    }
    this.lastTradeSeconds = trade.ts;
    this.lastTradeTimestamp.set(trade.ts);
    this.arrivals.observe(trade.ts, receivedAtSeconds);
    for (const listener of this.listeners) this.tell(listener, trade, receivedAtSeconds);
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
    this.lastTradeTimestamp.set(lastTradeSeconds);
    this.arrivals.restore(clockSkew);
  }

  /** Calls `listener` for every trade applied from now on. */
  onApplied(listener: AppliedListener): void {
    this.listeners = [...this.listeners, listener];
  }

  /** The trade is counted: an error from here would have the transport try it again, and count it twice. */
  private tell(listener: AppliedListener, trade: Readonly<TradeEvent>, receivedAtSeconds: number): void {
    try {
      listener(trade, receivedAtSeconds);
    } catch (error) {
      this.listeners = this.listeners.filter((other) => other !== listener);
      const cause = error instanceof Error ? error.stack : String(error);
      this.logger.error('a listener to applied trades failed and is not told any more', cause);
    }
  }
}
