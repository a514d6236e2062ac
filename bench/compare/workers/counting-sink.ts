import { monotonicMs } from '../clock.js';
import type { Sink } from './sink-interface.js';

/** Counts events and notes the times of the first and the last one. It does nothing else, so that the transport is measured. */
export class CountingSink implements Sink {
  count = 0;
  private target = Number.POSITIVE_INFINITY;
  private firstMs = 0;
  private lastMs = 0;

  take(): void {
    this.takeCount(1);
  }

  takeMany(events: readonly unknown[]): void {
    this.takeCount(events.length);
  }

  expect(target: number): void {
    this.count = 0;
    this.target = target;
    this.lastMs = 0;
  }

  secondsUntil(lastSeenMs: number): number {
    return ((this.lastMs === 0 ? lastSeenMs : this.lastMs) - this.firstMs) / 1000;
  }

  latencyMicroseconds(): undefined {
    return undefined;
  }

  private takeCount(events: number): void {
    if (this.count === 0) this.firstMs = monotonicMs();
    this.count += events;
    if (this.count >= this.target && this.lastMs === 0) this.lastMs = monotonicMs();
  }
}
