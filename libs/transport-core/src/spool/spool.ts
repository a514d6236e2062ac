import { randomUUID } from 'node:crypto';
import { Deque } from '../outbox/deque.js';

/** Numbered events that leave in one message; its contents never change again. */
export interface SpooledBatch {
  /** Sequence number of its first event. The first event of an epoch has 1. */
  readonly first: number;
  /** How many events it carries, with consecutive numbers; at least 1. */
  readonly count: number;
  /** The payload as the codec joined it: what goes over the wire. */
  readonly payload: Uint8Array | string;
  /** The size, in bytes, that counts against the spool's bound. */
  readonly bytes: number;
  /** When its first event was accepted: seconds since the Unix epoch. */
  readonly acceptedAtSeconds: number;
}

/** A batch without numbers yet. */
export type UnnumberedBatch = Omit<SpooledBatch, 'first'>;

/** The result of an append. */
export interface Appended {
  readonly batch: SpooledBatch;
  /**
   * Resolves when the batch would survive the death of this process; undefined for a spool in memory. Rejects with
   * SpoolFailedError when it could not be stored: the spool has dropped it and does not reuse its numbers.
   */
  readonly stored: Promise<void> | undefined;
}

/** Plain numbers about a spool. */
export interface SpoolStats {
  /** Events that are not acknowledged. */
  readonly events: number;
  readonly bytes: number;
  /** When the oldest of them was accepted, seconds since the Unix epoch; NaN when there is none. */
  readonly oldestAcceptedAtSeconds: number;
  /** Why the spool cannot store events now, in words for people; undefined while it can. */
  readonly fault?: string | undefined;
}

/**
 * Keeps every batch until it is acknowledged, oldest first. All but `open` and `close` answer at once: they run on the
 * hot path. One producer has one spool; its numbers grow by one an event and are never reused. There may be gaps: for batches
 * that were dropped or could not be stored, and for numbers that a dead process had reserved.
 */
export interface Spool {
  /** Names the sequence of numbers. Each epoch begins at 1. */
  readonly epoch: string;
  /** The number that the next event will get. */
  readonly nextSequence: number;
  /** Events that are not acknowledged. */
  readonly events: number;
  /** The bytes that they count against the bound. */
  readonly bytes: number;
  /** Opens it and finds what an earlier process left. @throws SpoolUnusableError */
  open(): Promise<void>;
  /** @throws SpoolFailedError when it is clear at once that it cannot be written: nothing was kept and no number used. */
  append(batch: UnnumberedBatch): Appended;
  /** The oldest batch whose first event has this number or a later one; undefined when there is none. */
  readFrom(sequence: number): SpooledBatch | undefined;
  /** Every event up to and including this number is acknowledged: forgets their batches. */
  release(sequence: number): void;
  /**
   * Gives up the oldest batch whose first event has this number or a later one, to make room.
   * @returns it, or undefined when there is none
   */
  dropOldestFrom(sequence: number): SpooledBatch | undefined;
  stats(): SpoolStats;
  /**
   * Waits until everything appended is stored or has failed, and closes. A spool on disk keeps what is not acknowledged. A
   * failing disk does not prevent closing: the promises `stored` tell which events it concerns.
   */
  close(): Promise<void>;
}

/** Roughly what a batch costs in memory besides its payload: objects and array slots. */
const BATCH_OVERHEAD_BYTES = 256;

/** Batches in the order of their numbers: both ends and any lookup by number are cheap. */
export class BatchDeque extends Deque<SpooledBatch> {
  /** Events in all batches. */
  events = 0;
  /** What the batches count for, together. */
  bytes = 0;
  /** Roughly what the batches take in memory; `bytes` is only what their appender stated. */
  heldBytes = 0;

  /** @param batch has a greater number than all batches here */
  override push(batch: SpooledBatch): void {
    super.push(batch);
    this.count(batch, 1);
  }

  override shift(): SpooledBatch | undefined {
    const batch = super.shift();
    if (batch !== undefined) {
      this.count(batch, -1);
    }
    return batch;
  }

  /** The oldest batch whose first event has this number or a later one. */
  from(sequence: number): SpooledBatch | undefined {
    return this.items[this.indexFrom(sequence)];
  }

  /** Removes that batch. */
  removeFrom(sequence: number): SpooledBatch | undefined {
    const index = this.indexFrom(sequence);
    const batch = this.items[index];
    if (batch === undefined) {
      return undefined;
    }
    // A dropped batch is close to the head: closing the gap from there moves only the few batches that are in flight.
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
}

/** The number of its last event. */
export function lastOf(batch: SpooledBatch): number {
  return batch.first + batch.count - 1;
}

/**
 * Keeps unacknowledged events in the memory of this process: they survive the peer's death and a broken link, but not the death
 * of this process. Every process begins a new epoch.
 */
export class MemorySpool implements Spool {
  readonly epoch = randomUUID();
  private next = 1;
  private readonly batches = new BatchDeque();

  get nextSequence(): number {
    return this.next;
  }

  get events(): number {
    return this.batches.events;
  }

  get bytes(): number {
    return this.batches.bytes;
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
      events: this.events,
      bytes: this.bytes,
      oldestAcceptedAtSeconds: this.batches.oldest?.acceptedAtSeconds ?? Number.NaN,
    };
  }

  /** Has nothing to wait for; unacknowledged events stay as long as this object. */
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
