import { randomUUID } from 'node:crypto';
import { Deque } from '../outbox/deque.js';

/** Events that were numbered and leave in one message; what it holds never changes again. */
export interface SpooledBatch {
  /** Sequence number of its first event. The first event of an epoch has 1. */
  readonly first: number;
  /** How many events it carries, with consecutive numbers; at least 1. */
  readonly count: number;
  /** The payload as the codec joined it: what goes over the wire. */
  readonly payload: Uint8Array | string;
  /** Size that it counts for, in bytes. */
  readonly bytes: number;
  /** When its first event was accepted: seconds since the Unix epoch. */
  readonly acceptedAtSeconds: number;
}

/** A batch before it has its numbers. */
export type UnnumberedBatch = Omit<SpooledBatch, 'first'>;

/** What an append gave. */
export interface Appended {
  readonly batch: SpooledBatch;
  /**
   * Resolves when the batch is safe from the death of this process; undefined where it never is (memory). Rejects with
   * SpoolFailedError when it could not be stored: the spool has let it go, and its numbers are not used again.
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
  /** Why nothing can be stored for the time being, in words for people; undefined while it can. */
  readonly fault?: string | undefined;
}

/**
 * Keeps every batch until it is acknowledged, oldest first. All but `open` and `close` answer at once: they run on the
 * hot path. One producer has one spool; its numbers grow by one an event and are never used again. Some may be left
 * out: those of batches that were dropped or could not be stored, and those that a process that died had reserved.
 */
export interface Spool {
  /** Names the sequence of numbers. Another epoch begins again at 1. */
  readonly epoch: string;
  /** The number that the next event will get. */
  readonly nextSequence: number;
  /** Events that are not acknowledged. */
  readonly events: number;
  /** What they count for, in bytes. */
  readonly bytes: number;
  /** Opens it and finds what an earlier process left. @throws SpoolUnusableError */
  open(): Promise<void>;
  /** @throws SpoolFailedError when it is known at once that it cannot be written: nothing was kept and no number spent. */
  append(batch: UnnumberedBatch): Appended;
  /** The oldest batch whose first event has this number or a later one; undefined when there is none. */
  readFrom(sequence: number): SpooledBatch | undefined;
  /** Every event up to and including this number is acknowledged: lets go of their batches. */
  release(sequence: number): void;
  /**
   * Gives up the oldest batch whose first event has this number or a later one, to make room.
   * @returns it, or undefined when there is none
   */
  dropOldestFrom(sequence: number): SpooledBatch | undefined;
  stats(): SpoolStats;
  /**
   * Waits until what was appended is stored or has failed, and closes. What is not acknowledged stays where the spool
   * outlives its process. A disk that fails does not keep it from closing: `stored` says which events that concerns.
   */
  close(): Promise<void>;
}

/** What a batch costs in memory beside its payload: objects and array slots, roughly. */
const BATCH_OVERHEAD_BYTES = 256;

/** Batches in the order of their numbers: both ends and any lookup by number are cheap. */
export class BatchDeque extends Deque<SpooledBatch> {
  /** Events in all batches. */
  events = 0;
  /** What the batches count for, together. */
  bytes = 0;
  /** What the batches take in memory, roughly: `bytes` is the word of whoever appended them. */
  heldBytes = 0;

  /** @param batch has a greater number than all that are here. */
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
}

/** The number of its last event. */
export function lastOf(batch: SpooledBatch): number {
  return batch.first + batch.count - 1;
}

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
