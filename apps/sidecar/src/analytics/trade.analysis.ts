import type { TradeEvent } from '@app/contracts';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { TradeRecorder } from '../recorder/trade.recorder.js';
import { ReceiveClock } from './rolling/receive.clock.js';
import type { TradeMetric } from './trade.metric.js';

/** Injects the metrics of the catalogue, made. */
export const TRADE_METRICS = Symbol('TRADE_METRICS');

/** Tells every metric of every applied trade. */
@Injectable()
export class TradeAnalysis {
  private readonly logger = new Logger(TradeAnalysis.name);
  private metrics: readonly TradeMetric[];

  constructor(
    recorder: TradeRecorder,
    private readonly clock: ReceiveClock,
    @Inject(TRADE_METRICS) metrics: readonly TradeMetric[],
  ) {
    this.metrics = metrics;
    recorder.onApplied((trade, receivedAtSeconds) => this.apply(trade, receivedAtSeconds));
  }

  private apply(trade: Readonly<TradeEvent>, receivedAtSeconds: number): void {
    const atSeconds = this.clock.advance(receivedAtSeconds);
    for (const metric of this.metrics) {
      try {
        metric.apply(trade, atSeconds);
      } catch (error) {
        this.leaveOut(metric, error);
      }
    }
  }

  /** The trade is counted already: a metric's own fault must neither reject it nor stop the other metrics. */
  private leaveOut(faulty: TradeMetric, error: unknown): void {
    this.metrics = this.metrics.filter((metric) => metric !== faulty);
    const cause = error instanceof Error ? error.stack : String(error);
    this.logger.error(`${faulty.constructor.name} failed and is not updated any more`, cause);
  }
}
