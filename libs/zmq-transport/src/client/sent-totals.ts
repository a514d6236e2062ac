import { epochSeconds, type SpooledBatch, type BatchSent, type Batch } from '@app/transport-core';

/** Counts what libzmq took, and tells who wants to know. */
export class SentTotals {
  events = 0;
  bytes = 0;
  batches = 0;

  constructor(private readonly onBatchSent: ((batch: BatchSent) => void) | undefined) {}

  /** A message from the outbox. */
  add({ parts, bytes, acceptedAtSeconds }: Batch): void {
    this.count(parts.length, bytes);
    this.onBatchSent?.({ acceptedAtSeconds, sentAtSeconds: epochSeconds() });
  }

  /** A batch of acknowledged events, which were accepted in one turn of the event loop. */
  addDelivered({ count, bytes, acceptedAtSeconds }: SpooledBatch): void {
    this.count(count, bytes);
    if (this.onBatchSent !== undefined) {
      const times = Array.from({ length: count }, () => acceptedAtSeconds);
      this.onBatchSent({ acceptedAtSeconds: times, sentAtSeconds: epochSeconds() });
    }
  }

  private count(events: number, bytes: number): void {
    this.events += events;
    this.bytes += bytes;
    this.batches += 1;
  }
}
