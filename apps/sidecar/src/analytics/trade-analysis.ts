import type { TradeEvent } from '@app/contracts';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { TradeRecorder } from '../counting/trade-recorder.js';
import { ReceiveClock } from './rolling/receive-clock.js';
import type { TradeMetric } from './trade.metric.js';

/** Injects the metrics of `metric-list.ts`. */
export const TRADE_METRICS = Symbol('TRADE_METRICS');

/** Passes the applied trades to every metric, batch by batch. */
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
    recorder.onApplied((trades, receivedAtSeconds) => this.apply(trades, receivedAtSeconds));
  }

  private apply(trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number): void {
    const receipt = { receivedAtSeconds, steadySeconds: this.clock.advance(receivedAtSeconds) };
    for (const metric of this.metrics) {
      try {
        metric.apply(trades, receipt);
      } catch (error) {
        this.leaveOut(metric, error);
      }
    }
  }

  /** The trades are counted already: a faulty metric must neither reject them nor stop the other metrics. */
  private leaveOut(faulty: TradeMetric, error: unknown): void {
    this.metrics = this.metrics.filter((metric) => metric !== faulty);
    const cause = error instanceof Error ? error.stack : String(error);
    this.logger.error(
      `${faulty.constructor.name} failed; its values stay as they are until the sidecar is restarted`,
      cause,
    );
  }
}
