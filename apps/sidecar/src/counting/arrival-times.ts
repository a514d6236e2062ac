import { METRICS } from '@app/contracts';
import { type BucketHistogram, type Exemplar, pulled } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

/** How long trades were on their way, and the time between their receipts. */
@Injectable()
export class ArrivalTimes {
  private previousSeconds: number | undefined;
  private skewed = 0;

  constructor(
    @InjectMetric(METRICS.receiveLatency.name) private readonly latency: BucketHistogram,
    @InjectMetric(METRICS.interarrival.name) private readonly interarrival: BucketHistogram,
    @InjectMetric(METRICS.clockSkew.name) clockSkew: Counter,
  ) {
    pulled(clockSkew, (counter) => counter.inc(this.skewed));
  }

  /** Trades from the future, including those before a restart. */
  get skewedTrades(): number {
    return this.skewed;
  }

  /** Continues the count of an earlier process. */
  restore(skewedTrades: number): void {
    this.skewed += skewedTrades;
  }

  /** Remembers a latency that `observe` has counted. */
  exemplify(latency: Exemplar): void {
    this.latency.only.exemplify(latency);
  }

  /** @param tsSeconds when the trade was made; like the time of receipt, in unix epoch seconds */
  observe(tsSeconds: number, receivedAtSeconds: number): void {
    const latencySeconds = receivedAtSeconds - tsSeconds;
    // A trade from the future shows that the clocks differ. It says nothing about the latency, and must not count as 0.
    if (latencySeconds < 0) this.skewed += 1;
    else this.latency.observe(latencySeconds);
    if (this.previousSeconds !== undefined) {
      this.interarrival.observe(Math.max(0, receivedAtSeconds - this.previousSeconds));
    }
    this.previousSeconds = receivedAtSeconds;
  }
}
