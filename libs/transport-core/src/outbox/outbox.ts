import { EventDroppedError } from '../errors.js';
import { Deferred } from './deferred.js';

/** Encoded packets that leave in one message. */
export interface Batch {
  /** What a PUB message is filtered by; empty where the pair has no topics. */
  readonly topic: string;
  readonly parts: unknown[];
  /** When each packet was accepted, seconds since the Unix epoch; empty unless somebody wants to know. */
  readonly acceptedAtSeconds: number[];
  /** Ids of the requests among the packets. */
  readonly requestIds: string[];
  /** Encoded size of all parts, in bytes. */
  bytes: number;
  /** Settled when libzmq has taken the message; only where somebody waits for it. */
  sent?: Deferred<void>;
}

/** Resolves when libzmq has taken the batch; rejects when it was dropped. */
export function untilSent(batch: Batch): Promise<void> {
  batch.sent ??= new Deferred();
  return batch.sent.promise;
}

export interface OutboxLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly maxBatchEvents: number;
  readonly maxFrameBytes: number;
}

/** Separators and brackets that joining may add for each packet. */
const JOIN_OVERHEAD_BYTES = 2;

/**
 * The bounded queue between `emit` and the sockets. Packets are grouped into messages as they come in, so that
 * taking the next message is one step whatever its size. First in, first out.
 */
export class Outbox {
  private batches: (Batch | undefined)[] = [];
  private head = 0;
  private open: Batch | undefined;
  private events = 0;
  private bytes = 0;

  constructor(private readonly limits: OutboxLimits) {}

  get queuedEvents(): number {
    return this.events;
  }

  get queuedBytes(): number {
    return this.bytes;
  }

  /** Whether the oldest message takes no more packets: to wait any longer would gain nothing. */
  get hasFullBatch(): boolean {
    return this.batches.length - this.head > (this.open === undefined ? 0 : 1);
  }

  /** Whether a packet of `bytes` fits. An empty outbox takes any, so that none is refused for ever. */
  hasRoomFor(bytes: number): boolean {
    return (
      this.events < this.limits.maxEvents && (this.events === 0 || this.bytes + bytes <= this.limits.maxBytes)
    );
  }

  /** @returns the message that the packet is in. */
  push(part: unknown, bytes: number, topic = '', acceptedAtSeconds?: number, requestId?: string): Batch {
    let batch = this.open;
    if (batch === undefined || !this.fits(batch, topic, bytes)) {
      batch = { topic, parts: [], acceptedAtSeconds: [], requestIds: [], bytes: 0 };
      this.batches.push(batch);
      this.open = batch;
    }
    batch.parts.push(part);
    batch.bytes += bytes + JOIN_OVERHEAD_BYTES;
    if (acceptedAtSeconds !== undefined) {
      batch.acceptedAtSeconds.push(acceptedAtSeconds);
    }
    if (requestId !== undefined) {
      batch.requestIds.push(requestId);
    }
    this.events += 1;
    this.bytes += bytes + JOIN_OVERHEAD_BYTES;
    if (batch.parts.length === this.limits.maxBatchEvents) {
      this.open = undefined;
    }
    return batch;
  }

  /** The oldest message, or undefined when nothing waits. */
  take(): Batch | undefined {
    const batch = this.batches[this.head];
    if (batch === undefined) {
      return undefined;
    }
    this.batches[this.head] = undefined;
    this.head += 1;
    if (batch === this.open) {
      this.open = undefined;
    }
    this.events -= batch.parts.length;
    this.bytes -= batch.bytes;
    this.compact();
    return batch;
  }

  /** Puts a message that could not be sent back to the front: it is the next to leave. */
  restore(batch: Batch): void {
    if (this.head > 0) {
      this.head -= 1;
      this.batches[this.head] = batch;
    } else {
      this.batches.unshift(batch);
    }
    this.events += batch.parts.length;
    this.bytes += batch.bytes;
  }

  /** Drops all that waits; returns how many packets that were. */
  clear(): number {
    const dropped = this.events;
    for (const batch of this.batches) {
      batch?.sent?.reject(new EventDroppedError('the client closed before the event could be sent'));
    }
    this.batches = [];
    this.head = 0;
    this.open = undefined;
    this.events = 0;
    this.bytes = 0;
    return dropped;
  }

  private fits(batch: Batch, topic: string, bytes: number): boolean {
    return (
      batch.topic === topic &&
      batch.parts.length < this.limits.maxBatchEvents &&
      batch.bytes + bytes + JOIN_OVERHEAD_BYTES <= this.limits.maxFrameBytes
    );
  }

  /** Moves the queue to the front of its array once half of it is spent: amortised O(1) for each message. */
  private compact(): void {
    if (this.head === this.batches.length) {
      this.batches.length = 0;
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.batches.length) {
      this.batches = this.batches.slice(this.head);
      this.head = 0;
    }
  }
}
