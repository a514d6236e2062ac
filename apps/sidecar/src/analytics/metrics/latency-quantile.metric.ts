import { METRICS, type TradeEvent } from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { DurationBuckets, TwoSpans } from '../rolling/recent-quantiles.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { MemoryReader, MemoryWriter, Receipt, TradeMetric } from '../trade.metric.js';

const SPAN_SECONDS = 60;

/** The quantiles of latency that every view shows. */
export const LATENCY_QUANTILES = [0.5, 0.9, 0.99, 0.999] as const;

/** Receive latency of the last one to two minutes, finer than the buckets of a histogram. */
@Injectable()
export class LatencyQuantileMetric implements TradeMetric {
  readonly isRefilled = true;
  private readonly recent: TwoSpans<DurationBuckets>;

  constructor(private readonly clock: ReceiveClock) {
    this.recent = new TwoSpans(() => new DurationBuckets(), SPAN_SECONDS, clock.startSeconds);
    const gauge = pulledGauges(METRICS.receiveLatencyQuantile, (set) => {
      for (const [quantile, seconds] of Object.entries(this.read())) set({ quantile }, seconds);
    });
    // Prometheus reserves the label `quantile` for summaries, though it treats the samples of both alike. prom-client's
    // own summary covers the whole past, or costs an allocation a trade.
    Object.assign(gauge, { type: 'summary' });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { receivedAtSeconds, steadySeconds }: Receipt): void {
    const recent = this.recent.at(steadySeconds);
    for (const { ts } of trades) {
      const latencySeconds = receivedAtSeconds - ts;
      // A trade from the future shows that the clocks differ; it says nothing about the latency.
      if (latencySeconds >= 0) recent.record(latencySeconds);
    }
  }

  /** Quantile → seconds; NaN while there was no trade. */
  read(): Record<string, number> {
    const recent = this.recent.read(this.clock.now());
    return Object.fromEntries(LATENCY_QUANTILES.map((quantile) => [quantile, recent.quantile(quantile)]));
  }

  remember(memory: MemoryWriter): void {
    this.recent.remember(memory);
  }

  recall(memory: MemoryReader): void {
    this.recent.recall(memory);
  }
}
