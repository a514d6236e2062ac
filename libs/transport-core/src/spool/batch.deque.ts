import type { SpooledBatch } from './spool.interface.js';

/** What a batch costs in memory beside its payload: objects and array slots, roughly. */
const BATCH_OVERHEAD_BYTES = 256;

/** Batches in the order of their numbers: both ends and any lookup by number are cheap. */
export class BatchDeque {
  /** Events in all batches. */
  events = 0;
  /** What the batches count for, together. */
  bytes = 0;
  /** What the batches take in memory, roughly: `bytes` is the word of whoever appended them. */
  heldBytes = 0;
  private items: (SpooledBatch | undefined)[] = [];
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  get oldest(): SpooledBatch | undefined {
    return this.items[this.head];
  }

  /** @param batch has a greater number than all that are here. */
  push(batch: SpooledBatch): void {
    this.items.push(batch);
    this.count(batch, 1);
  }

  /** Takes the oldest. */
  shift(): SpooledBatch | undefined {
    const batch = this.items[this.head];
    if (batch !== undefined) {
      this.items[this.head] = undefined;
      this.head += 1;
      this.count(batch, -1);
      this.compact();
    }
    return batch;
  }

  /** The oldest batch whose first event has this number or a later one. */
  from(sequence: number): SpooledBatch | undefined {
    return this.items[this.indexFrom(sequence)];
  }

  /** Takes that batch out. */
  removeFrom(sequence: number): SpooledBatch | undefined {
    const index = this.indexFrom(sequence);
    const batch = this.items[index];
    if (batch === undefined) {
      return undefined;
    }
    // What is given up is close to the head: closing the gap from there moves the few that are in flight.
    if (index - this.head <= this.items.length - index) {
      this.items.copyWithin(this.head + 1, this.head, index);
      this.items[this.head] = undefined;
      this.head += 1;
    } else {
      this.items.splice(index, 1);
    }
    this.count(batch, -1);
    this.compact();
    return batch;
  }

  private indexFrom(sequence: number): number {
    let low = this.head;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.items[middle]?.first ?? 0) < sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private count(batch: SpooledBatch, sign: 1 | -1): void {
    this.events += sign * batch.count;
    this.bytes += sign * batch.bytes;
    this.heldBytes += sign * (batch.payload.length + BATCH_OVERHEAD_BYTES);
  }

  /** Moves what is left to the front of its array once half of it is spent: amortised O(1) for each batch. */
  private compact(): void {
    if (this.head === this.items.length) {
      this.items.length = 0;
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }
}

/** The number of its last event. */
export function lastOf(batch: SpooledBatch): number {
  return batch.first + batch.count - 1;
}
