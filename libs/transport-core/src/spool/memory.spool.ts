import { randomUUID } from 'node:crypto';
import { BatchDeque, lastOf } from './batch.deque.js';
import type { Appended, Spool, SpooledBatch, SpoolStats, UnnumberedBatch } from './spool.interface.js';

/**
 * Keeps what is not acknowledged in the memory of this process: it survives a peer that dies and a link that breaks,
 * not the death of the process itself. Every process begins another epoch.
 */
export class MemorySpool implements Spool {
  readonly epoch = randomUUID();
  private next = 1;
  private readonly batches = new BatchDeque();

  get nextSequence(): number {
    return this.next;
  }

  /** There is nothing to open. */
  async open(): Promise<void> {}

  append(unnumbered: UnnumberedBatch): Appended {
    const batch = numbered(unnumbered, this.next);
    this.next += batch.count;
    this.batches.push(batch);
    return { batch, stored: undefined };
  }

  readFrom(sequence: number): SpooledBatch | undefined {
    return this.batches.from(sequence);
  }

  release(sequence: number): void {
    for (let oldest = this.batches.oldest; oldest !== undefined && lastOf(oldest) <= sequence;) {
      this.batches.shift();
      oldest = this.batches.oldest;
    }
  }

  dropOldestFrom(sequence: number): SpooledBatch | undefined {
    return this.batches.removeFrom(sequence);
  }

  stats(): SpoolStats {
    return {
      events: this.batches.events,
      bytes: this.batches.bytes,
      oldestAcceptedAtSeconds: this.batches.oldest?.acceptedAtSeconds ?? Number.NaN,
    };
  }

  /** There is nothing to wait for; what was not acknowledged stays until this object goes. */
  async close(): Promise<void> {}
}

/** The same batch with its number. */
export function numbered(batch: UnnumberedBatch, first: number): SpooledBatch {
  return {
    first,
    count: batch.count,
    payload: batch.payload,
    bytes: batch.bytes,
    acceptedAtSeconds: batch.acceptedAtSeconds,
  };
}
