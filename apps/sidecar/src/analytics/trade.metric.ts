import type { TradeEvent } from '@app/contracts';

/** When trades were received: one time for all that were applied together, by two clocks. */
export interface Receipt {
  /** By the system's clock, in unix epoch seconds: compare it with the `ts` of a trade. It steps when that clock is set. */
  readonly receivedAtSeconds: number;
  /** By a clock that never steps back: the time for windows and for gaps. `ReceiveClock.now()` is the present of it. */
  readonly steadySeconds: number;
}

/**
 * A family of metrics that follows trades. An implementation creates its Prometheus metrics in its constructor, gets every
 * applied trade, and is listed in `metric-list.ts`: see docs/tutorials/first-metric.md.
 */
export interface TradeMetric {
  /**
   * Its values are of the last minutes only. After a start behind a broker it then gets the trades of the last minutes again. A
   * metric that counts for good must not: the process before has counted them.
   */
  readonly isRefilled?: true;

  /**
   * Runs on the hot path, once for the trades that were applied together, in their order; at least one. A trade must cost
   * O(1), no allocation and no waiting. After an error the metric gets no more trades, and the log says so.
   */
  apply(trades: readonly Readonly<TradeEvent>[], receipt: Receipt): void;
}
