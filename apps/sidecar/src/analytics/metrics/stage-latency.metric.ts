import { METRICS, nowSeconds, sentAtSeconds, type TradeEvent, type TradeStage } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import type { TradeMetric } from '../trade.metric.js';

type Observe = (seconds: number) => void;

/**
 * The two stages that end here: from the sender's socket to ours, where the sender said when it sent; and how long
 * trades wait in the sidecar, behind the others of their batch, until all metrics know of them. Listed last.
 */
@Injectable()
export class StageLatencyMetric implements TradeMetric {
  private readonly observeWay: Observe;
  private readonly observeApplied: Observe;

  constructor() {
    const stages = new Histogram(METRICS.stageLatency);
    const observeOf = (stage: TradeStage): Observe => stages.labels(stage).observe;
    this.observeWay = observeOf('sent_to_received');
    this.observeApplied = observeOf('received_to_applied');
  }

  apply(trade: Readonly<TradeEvent>, receivedAtSeconds: number): void {
    const waySeconds = receivedAtSeconds - (sentAtSeconds(trade) ?? Number.NaN);
    // Negative: the two clocks disagree, which trading_clock_skew_total tells; NaN: the sender did not say.
    if (waySeconds >= 0 && waySeconds < Number.POSITIVE_INFINITY) {
      this.observeWay(waySeconds);
    }
    this.observeApplied(Math.max(0, nowSeconds() - receivedAtSeconds));
  }
}
