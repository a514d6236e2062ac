import type { TradeEvent } from '@app/contracts';

/**
 * A family of metrics that follows trades. An implementation makes its Prometheus metrics in its constructor, is told of
 * every applied trade, and is listed in `metric.catalogue.ts`: see docs/adding-a-metric.md.
 */
export interface TradeMetric {
  /**
   * On the hot path, for each applied trade in its order: O(1), no allocation, no waiting. `receivedAtSeconds` never steps
   * back; `trade.ts` may. A metric that throws is left out from then on, and the log says so.
   */
  apply(trade: Readonly<TradeEvent>, receivedAtSeconds: number): void;
}
