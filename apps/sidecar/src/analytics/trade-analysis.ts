import type { TradeEvent } from '@app/contracts';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { SidecarConfig } from '../config/sidecar.config.js';
import { PartitionCounts } from '../counting/partition-counts.js';
import { TradeRecorder } from '../counting/trade-recorder.js';
import { ReceiveClock } from './rolling/receive-clock.js';
import { RefillMerge } from './refill-merge.js';
import type { TradeMetric } from './trade.metric.js';

/** Injects the metrics of `metric-list.ts`. */
export const TRADE_METRICS = Symbol('TRADE_METRICS');

/** A partition that refills nothing for this long is left out: another sidecar has it. */
const REFILL_PATIENCE_MS = 5_000;
const MAX_WAITING_TRADES = 500_000;

/** Passes the applied trades to every metric, batch by batch. */
@Injectable()
export class TradeAnalysis {
  private readonly logger = new Logger(TradeAnalysis.name);
  private metrics: readonly TradeMetric[];

  constructor(
    recorder: TradeRecorder,
    private readonly clock: ReceiveClock,
    @Inject(TRADE_METRICS) metrics: readonly TradeMetric[],
    counts: PartitionCounts,
    { partitions }: SidecarConfig,
  ) {
    this.metrics = metrics;
    // Over ZeroMQ nothing is refilled: the merge passes every batch on at once.
    const merge = new RefillMerge({
      partitions,
      onRefill: (trades, receivedAtSeconds) =>
        this.apply(
          this.metrics.filter(({ isRefilled }) => isRefilled),
          trades,
          receivedAtSeconds,
        ),
      onLive: (trades, receivedAtSeconds) => this.apply(this.metrics, trades, receivedAtSeconds),
      patienceMs: REFILL_PATIENCE_MS,
      maxLiveTrades: MAX_WAITING_TRADES,
    });
    counts.onRefill(
      (partition, trades, receivedAtSeconds) => merge.refill(partition, trades, receivedAtSeconds),
      (partition) => merge.refilled(partition),
    );
    recorder.onApplied((trades, receivedAtSeconds) => merge.add(trades, receivedAtSeconds));
  }

  private apply(
    metrics: readonly TradeMetric[],
    trades: readonly Readonly<TradeEvent>[],
    receivedAtSeconds: number,
  ): void {
    const receipt = { receivedAtSeconds, steadySeconds: this.clock.advance(receivedAtSeconds) };
    for (const metric of metrics) {
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
