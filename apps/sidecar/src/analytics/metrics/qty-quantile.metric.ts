import { METRICS, SIDE_SCOPES, type SideScope, type TradeEvent } from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { LogBuckets } from '../rolling/log-buckets.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import { TwoSpans } from '../rolling/two-spans.js';
import type { Receipt, TradeMetric } from '../trade.metric.js';

const SPAN_SECONDS = 60;
const QUANTILES = [0.5, 0.9, 0.99, 0.999] as const;

/** Quantiles of the quantities of the last one to two minutes, by side and together. */
@Injectable()
export class QtyQuantileMetric implements TradeMetric {
  private readonly buy: TwoSpans<LogBuckets>;
  private readonly sell: TwoSpans<LogBuckets>;

  constructor(private readonly clock: ReceiveClock) {
    const spans = (): TwoSpans<LogBuckets> => new TwoSpans(() => new LogBuckets(), SPAN_SECONDS, clock.now());
    [this.buy, this.sell] = [spans(), spans()];
    const gauge = pulledGauges(METRICS.qtyQuantile, (set) => {
      for (const side of SIDE_SCOPES) {
        const quantities = this.read(side);
        for (const quantile of QUANTILES) {
          set({ side, quantile: String(quantile) }, quantities.quantile(quantile));
        }
      }
    });
    // As with the quantiles of latency: Prometheus reserves the label `quantile` for summaries.
    Object.assign(gauge, { type: 'summary' });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    const buy = this.buy.at(steadySeconds);
    const sell = this.sell.at(steadySeconds);
    for (const { side, qty } of trades) (side === 'buy' ? buy : sell).put(qty);
  }

  /** The recent quantities. Use them before the next reading. */
  read(side: SideScope): LogBuckets {
    const now = this.clock.now();
    if (side !== 'all') return this[side].read(now);
    const all = new LogBuckets();
    all.add(this.buy.read(now));
    all.add(this.sell.read(now));
    return all;
  }
}
