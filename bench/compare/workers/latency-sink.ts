import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { monotonicMs } from '../clock.js';
import type { BenchEvent } from '../trade-event.js';
import type { Sink } from './sink-interface.js';

/** Records how long each event was under way: its arrival in the handler minus the time at which it was due. */
export class LatencySink implements Sink {
  count = 0;
  private histogram: RecordableHistogram = createHistogram({ figures: 3 });

  take(event: BenchEvent): void {
    this.count += 1;
    // A histogram takes whole numbers over 0: nanoseconds.
    this.histogram.record(Math.max(1, Math.round((monotonicMs() - event.ts) * 1e6)));
  }

  takeMany(events: readonly BenchEvent[]): void {
    for (const event of events) this.take(event);
  }

  expect(): void {
    this.count = 0;
    this.histogram = createHistogram({ figures: 3 });
  }

  secondsUntil(): number {
    return 0;
  }

  latencyMicroseconds(): Readonly<Record<'p50' | 'p99', number>> {
    return { p50: this.histogram.percentile(50) / 1000, p99: this.histogram.percentile(99) / 1000 };
  }
}
