import { METRICS, nowSeconds, sentAtSeconds, type TradeEvent } from '@app/contracts';
import { BucketHistogram, type HistogramSeries } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import type { TradeMetric } from '../trade.metric.js';

/**
 * The two stages that end here: from the sender's socket to ours, where the sender said when it sent; and how long
 * trades wait in the sidecar, behind the others of their batch, until all metrics know of them. Listed last.
 */
@Injectable()
export class StageLatencyMetric implements TradeMetric {
  private readonly way: HistogramSeries;
  private readonly applied: HistogramSeries;

  constructor() {
    const stages = new BucketHistogram(METRICS.stageLatency);
    this.way = stages.series({ stage: 'sent_to_received' });
    this.applied = stages.series({ stage: 'received_to_applied' });
  }

  apply(trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number): void {
    for (const trade of trades) {
      const waySeconds = receivedAtSeconds - (sentAtSeconds(trade) ?? Number.NaN);
      // Negative: the two clocks disagree, which trading_clock_skew_total tells; NaN: the sender did not say.
      if (waySeconds >= 0 && waySeconds < Number.POSITIVE_INFINITY) this.way.add(waySeconds);
    }
    // All metrics know of all trades of the batch at one time.
    this.applied.add(Math.max(0, nowSeconds() - receivedAtSeconds), trades.length);
  }
}
