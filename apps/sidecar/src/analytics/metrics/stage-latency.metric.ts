import { METRICS, sentAtSeconds, type TradeEvent } from '@app/contracts';
import { BucketHistogram, type HistogramSeries } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Injectable } from '@nestjs/common';
import { HistogramRows } from '../../counting/state/trade-state.js';
import type { Receipt, TradeMetric } from '../trade.metric.js';

/**
 * The two stages that end here: from the sender's socket to ours, if the sender said when it sent; and from the receipt
 * until all metrics have the trades of the batch. Listed last.
 */
@Injectable()
export class StageLatencyMetric implements TradeMetric {
  readonly keptRows: HistogramRows;
  private readonly transit: HistogramSeries;
  private readonly applied: HistogramSeries;

  constructor() {
    const stages = new BucketHistogram(METRICS.stageLatency);
    this.transit = stages.series({ stage: 'sent_to_received' });
    this.applied = stages.series({ stage: 'received_to_applied' });
    this.keptRows = new HistogramRows('stages', { transit: this.transit, applied: this.applied });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { receivedAtSeconds }: Receipt): void {
    for (const trade of trades) {
      const transitSeconds = receivedAtSeconds - (sentAtSeconds(trade) ?? Number.NaN);
      // Negative: the two clocks disagree, and trading_clock_skew_total shows it. NaN: the sender did not say.
      if (transitSeconds >= 0 && transitSeconds < Number.POSITIVE_INFINITY) this.transit.add(transitSeconds);
    }
    // All metrics have all trades of the batch at the same time.
    this.applied.add(Math.max(0, epochSeconds() - receivedAtSeconds), trades.length);
  }
}
