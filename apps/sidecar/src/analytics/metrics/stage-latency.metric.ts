import { METRICS, sentAtSeconds, type TradeEvent } from '@app/contracts';
import { BucketHistogram, type HistogramSeries, TELEMETRY, type Telemetry } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Inject, Injectable } from '@nestjs/common';
import { ArrivalTimes } from '../../counting/arrival-times.js';
import { HistogramRows } from '../../counting/state/trade-state.js';
import type { Receipt, TradeMetric } from '../trade.metric.js';

function isLatency(seconds: number): boolean {
  return seconds >= 0 && seconds < Number.POSITIVE_INFINITY;
}

/**
 * The two stages that end here: from the sender's socket to ours, if the sender said when it sent; and from the receipt
 * until all metrics have the trades of the batch. Listed last. Trades of traced posts become exemplars of all latencies.
 */
@Injectable()
export class StageLatencyMetric implements TradeMetric {
  readonly keptRows: HistogramRows;
  private readonly transit: HistogramSeries;
  private readonly applied: HistogramSeries;

  constructor(
    private readonly arrivals: ArrivalTimes,
    @Inject(TELEMETRY) private readonly telemetry: Telemetry | undefined,
  ) {
    const stages = new BucketHistogram(METRICS.stageLatency);
    this.transit = stages.series({ stage: 'sent_to_received' });
    this.applied = stages.series({ stage: 'received_to_applied' });
    this.keptRows = new HistogramRows('stages', { transit: this.transit, applied: this.applied });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { receivedAtSeconds }: Receipt): void {
    for (const trade of trades) {
      const transitSeconds = receivedAtSeconds - (sentAtSeconds(trade) ?? Number.NaN);
      // Negative: the two clocks disagree, and trading_clock_skew_total shows it. NaN: the sender did not say.
      if (isLatency(transitSeconds)) this.transit.add(transitSeconds);
    }
    // All metrics have all trades of the batch at the same time.
    const appliedSeconds = Math.max(0, epochSeconds() - receivedAtSeconds);
    this.applied.add(appliedSeconds, trades.length);
    if (this.telemetry?.batches !== undefined) this.exemplify(trades, receivedAtSeconds, appliedSeconds);
  }

  /** Each trace is an exemplar of what its first trade of the batch was observed with. */
  private exemplify(
    trades: readonly Readonly<TradeEvent>[],
    timestamp: number,
    appliedSeconds: number,
  ): void {
    for (const { context, index } of this.telemetry?.batches?.of(trades) ?? []) {
      const trade = trades[index];
      if (trade === undefined) continue;
      const labelSet = { trace_id: context.traceId, span_id: context.spanId };
      const transitSeconds = timestamp - (sentAtSeconds(trade) ?? Number.NaN);
      if (isLatency(transitSeconds)) this.transit.exemplify({ labelSet, value: transitSeconds, timestamp });
      const latencySeconds = timestamp - trade.ts;
      if (isLatency(latencySeconds)) this.arrivals.exemplify({ labelSet, value: latencySeconds, timestamp });
      this.applied.exemplify({ labelSet, value: appliedSeconds, timestamp });
    }
  }
}
