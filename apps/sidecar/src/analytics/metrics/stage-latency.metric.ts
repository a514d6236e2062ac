import { METRICS, nowSeconds, type TradeEvent, type TradeStage } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import type { TradeMetric } from '../trade.metric.js';

const STAGE: TradeStage = 'received_to_applied';

/** How long trades wait in the sidecar, behind the others of their batch, until all metrics know of them. Listed last. */
@Injectable()
export class StageLatencyMetric implements TradeMetric {
  private readonly observe: (seconds: number) => void;

  constructor() {
    this.observe = new Histogram(METRICS.stageLatency).labels(STAGE).observe;
  }

  apply(_trade: Readonly<TradeEvent>, receivedAtSeconds: number): void {
    this.observe(Math.max(0, nowSeconds() - receivedAtSeconds));
  }
}
