import type { BenchEvent } from '../trade-event.js';

/** What a consumer does with each event: the work in the handler, the same for every peer. */
export interface Sink {
  /** One event. */
  take(event: BenchEvent): void;
  /** The events of one batch. */
  takeMany(events: readonly BenchEvent[]): void;
  /** Events so far, since `expect`. */
  readonly count: number;
  /** Starts over; the run is over after `target` events. */
  expect(target: number): void;
  /** Time from the first event to the target-th, or to `lastSeenMs` when that never came; in seconds. */
  secondsUntil(lastSeenMs: number): number;
  /** Latency quantiles in microseconds; undefined when the sink does not keep them. */
  latencyMicroseconds(): Readonly<Record<'p50' | 'p99', number>> | undefined;
}
