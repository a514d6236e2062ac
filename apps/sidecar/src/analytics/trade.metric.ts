import type { TradeEvent } from '@app/contracts';

/**
 * A family of metrics that follows trades. An implementation makes its Prometheus metrics in its constructor, is told of
 * every applied trade, and is listed in `metric.catalogue.ts`: see docs/tutorials/first-metric.md.
 */
export interface TradeMetric {
  /**
   * On the hot path, once for the trades that were applied together, in their order; at least one. A trade costs O(1), no
   * allocation, no waiting. All of them have one time of receipt, `receivedAtSeconds`, which never steps back; the `ts` of
   * a trade may. A metric that throws is left out from then on, and the log says so.
   */
  apply(trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number): void;
}
