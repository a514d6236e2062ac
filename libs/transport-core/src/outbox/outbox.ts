import type { Codec } from '../codec/codec.js';
import { EventDroppedError, OutboxFullError } from '../errors.js';
import type { EmitStage, OutboundOptions } from '../options.js';
import { wholeNumber } from '../whole-number.js';
import { Batch, JOIN_OVERHEAD_BYTES } from './batch.js';
import { Deque } from './deque.js';

/** Where encoded events wait until they may leave, or until they are acknowledged. */
export interface EventQueue {
  /**
   * Takes an event.
   * @returns undefined when it has reached the stage; otherwise a promise that resolves when it has
   * @throws OutboxFullError
   */
  add(part: unknown, bytes: number, until: EmitStage, topic?: string): Promise<void> | undefined;
}

/** Bounds of one message. */
export interface BatchLimits {
  readonly maxBatchEvents: number;
  /** Lowered while a peer reads only smaller frames. */
  maxFrameBytes: number;
}

/** Bounds of what waits, and of one message. */
export interface OutboxLimits extends BatchLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/**
 * The bounded queue between `emit` and the sockets. It groups events into batches as they come in, so that taking the next
 * message is one step whatever its size. First in, first out.
 */
export class Outbox implements EventQueue {
  private readonly batches = new Deque<Batch>();
  /** The newest batch, while it takes more events. */
  private open: Batch | undefined;
  private events = 0;
  private bytes = 0;

  /**
   * @param nowSeconds tells when events are accepted; undefined when nobody needs the time
   * @param codec joins a batch as soon as it is full; undefined when the taker wants the parts
   */
  constructor(
    private readonly limits: OutboxLimits,
    private readonly nowSeconds?: () => number,
    private readonly codec?: Codec,
  ) {}

  get queuedEvents(): number {
    return this.events;
  }

  get queuedBytes(): number {
    return this.bytes;
  }

  /** Whether the oldest batch takes no more events: waiting longer would gain nothing. */
  get hasFullBatch(): boolean {
    return this.batches.size > (this.open === undefined ? 0 : 1);
  }

  /** Whether an event of `bytes` fits. An empty outbox takes any event, so that none can be refused for ever. */
  hasRoomFor(bytes: number): boolean {
    return (
      this.events < this.limits.maxEvents && (this.events === 0 || this.bytes + bytes <= this.limits.maxBytes)
    );
  }

  add(
    part: unknown,
    bytes: number,
    until: EmitStage,
    topic?: string,
    requestId?: string,
  ): Promise<void> | undefined {
    if (!this.hasRoomFor(bytes)) {
      throw new OutboxFullError(this.events, this.bytes);
    }
    const batch = this.push(part, bytes, topic, requestId);
    return until === 'sent' ? batch.until(until, batch.count - 1) : undefined;
  }

  /** Takes an event without checking the bounds. @returns the batch that it is in */
  push(part: unknown, bytes: number, topic = '', requestId?: string): Batch {
    let batch = this.open;
    if (batch === undefined || !this.fits(batch, topic, bytes)) {
      batch = new Batch(topic);
      this.batches.push(batch);
      this.open = batch;
    }
    batch.add(part, bytes, this.nowSeconds?.(), requestId);
    this.events += 1;
    this.bytes += bytes + JOIN_OVERHEAD_BYTES;
    if (batch.count === this.limits.maxBatchEvents) {
      this.open = undefined;
      if (this.codec !== undefined) {
        batch.close(this.codec);
      }
    }
    return batch;
  }

  /** The oldest batch, or undefined when nothing waits. */
  take(): Batch | undefined {
    const batch = this.batches.shift();
    if (batch === undefined) {
      return undefined;
    }
    if (batch === this.open) {
      this.open = undefined;
    }
    this.events -= batch.count;
    this.bytes -= batch.bytes;
    return batch;
  }

  /** Puts a batch that could not be sent back to the front: it leaves next. */
  restore(batch: Batch): void {
    this.batches.unshift(batch);
    this.events += batch.count;
    this.bytes += batch.bytes;
  }

  /** Drops all that waits, and rejects the promises of those who follow it. @returns the number of events */
  clear(reason = 'the client closed before the event could be sent'): number {
    const dropped = this.events;
    for (const batch of this.batches.takeAll()) {
      batch.fail(new EventDroppedError(reason));
    }
    this.open = undefined;
    this.events = 0;
    this.bytes = 0;
    return dropped;
  }

  private fits(batch: Batch, topic: string, bytes: number): boolean {
    return (
      batch.topic === topic &&
      batch.count < this.limits.maxBatchEvents &&
      batch.bytes + bytes + JOIN_OVERHEAD_BYTES <= this.limits.maxFrameBytes
    );
  }
}

/** The bounds of a client's outbox and messages. @throws InvalidOptionsError */
export function outboxLimits(options: OutboundOptions): OutboxLimits {
  return {
    maxEvents: wholeNumber('outbox.maxEvents', options.outbox?.maxEvents ?? 65_536, 1),
    maxBytes: wholeNumber('outbox.maxBytes', options.outbox?.maxBytes ?? 64 * 1024 * 1024, 1),
    maxBatchEvents: wholeNumber('maxBatchEvents', options.maxBatchEvents ?? 256, 1),
    maxFrameBytes: wholeNumber('maxFrameBytes', options.maxFrameBytes ?? 1024 * 1024, 1),
  };
}
