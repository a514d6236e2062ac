import { METRICS } from '@app/contracts';
import { type BucketHistogram, pulled } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

/** How long trades were under way, and how far apart they came in. */
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

  /** Trades from the future, those of before a restart too. */
  get skewedTrades(): number {
    return this.skewed;
  }

  /** Goes on from what an earlier process counted. */
  restore(skewedTrades: number): void {
    this.skewed += skewedTrades;
  }

  /** Takes the time a trade was made and the time it came in, both in unix epoch seconds. */
  observe(tsSeconds: number, receivedAtSeconds: number): void {
    const latencySeconds = receivedAtSeconds - tsSeconds;
    // A trade from the future says that clocks differ, and nothing about the way it took: it is not a latency of 0.
    if (latencySeconds < 0) this.skewed += 1;
    else this.latency.observe(latencySeconds);
    if (this.previousSeconds !== undefined) {
      this.interarrival.observe(Math.max(0, receivedAtSeconds - this.previousSeconds));
    }
    this.previousSeconds = receivedAtSeconds;
  }
}
