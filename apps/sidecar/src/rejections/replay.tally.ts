import { METRICS } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

/** How many dead letters were sent again, beside the Prometheus counter. */
@Injectable()
export class ReplayTally {
  private count = 0;

  constructor(@InjectMetric(METRICS.deadLettersReplayed.name) private readonly counter: Counter) {}

  get total(): number {
    return this.count;
  }

  /** Counts `letters` more: one that was sent again, or those of an earlier process. */
  add(letters: number): void {
    this.count += letters;
    this.counter.inc(letters);
  }
}
