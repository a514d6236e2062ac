import type { ReadPacket, Serializer } from '@nestjs/microservices';
import {
  epochSeconds,
  type Codec,
  type EncodedValue,
  type Delivery,
  type EmitStage,
  ClientClosedError,
  EventTooLargeError,
  OutboxFullError,
  SerializationError,
  DROP_REASONS,
  type DropReason,
  type Outbox,
  type OutboxLimits,
  type ThrottledLog,
  untilSent,
} from '@app/transport-core';
import type { OutboundDelivery } from '../acknowledged/producer/outbound-delivery.js';

export interface PacketAcceptorOptions {
  readonly serializer: Serializer;
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly limits: OutboxLimits;
  readonly log: ThrottledLog;
  readonly topicOf: (packet: ReadPacket) => string;
  /** Whether each packet's time of acceptance is kept for `onBatchSent`. */
  readonly keepsTimes: boolean;
  /** Where events go that are to be acknowledged; requests go into the outbox always. */
  readonly delivery: OutboundDelivery | undefined;
  readonly isClosed: () => boolean;
  /** A packet was put into the outbox. */
  readonly onQueued: () => void;
}

/** From Nest's packet to encoded bytes in the outbox, or to a typed refusal that is counted. */
export class PacketAcceptor {
  private readonly dropCounts = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;
  private acceptedCount = 0;
  private full = false;
  /** The tail of the packets whose serializer answers with a promise: they keep the order of their `emit`. */
  private deferred: Promise<unknown> | undefined;

  constructor(private readonly options: PacketAcceptorOptions) {}

  get accepted(): number {
    return this.acceptedCount;
  }

  get drops(): Readonly<Record<DropReason, number>> {
    return { ...this.dropCounts };
  }

  countDrops(reason: DropReason, packets: number): void {
    this.dropCounts[reason] += packets;
  }

  /**
   * @returns undefined when the packet is in the outbox; a promise of that when a serializer takes its time
   * @throws OutboxFullError, EventTooLargeError, SerializationError, ClientClosedError
   */
  accept(packet: ReadPacket, requestId?: string, until: EmitStage = 'accepted'): Promise<void> | undefined {
    const serialized = this.serialize(packet);
    if (this.deferred !== undefined || serialized instanceof Promise) {
      return this.acceptLater(serialized, (value) => this.enqueue(value, packet, requestId, until));
    }
    return this.enqueue(serialized, packet, requestId, until);
  }

  /**
   * Accepts an event whose way somebody follows.
   * @throws OutboxFullError, EventTooLargeError, SerializationError, ClientClosedError
   */
  async follow(packet: ReadPacket, delivery: OutboundDelivery): Promise<Delivery> {
    return this.acceptLater(this.serialize(packet), (value) => {
      const { part, bytes } = this.encodeOpen(value);
      return this.counted(() => delivery.follow(part, bytes));
    });
  }

  private serialize(packet: ReadPacket): unknown {
    try {
      return this.options.serializer.serialize(packet) as unknown;
    } catch (error) {
      throw this.dropped('serialization', new SerializationError(error));
    }
  }

  /** What `enqueue` gives may take long; only its place in the queue is kept. */
  private acceptLater<T>(serialized: unknown, enqueue: (value: unknown) => Promise<T> | T): Promise<T> {
    const previous = this.deferred;
    const queued = (async () => {
      const value = await Promise.resolve(serialized).catch((error: unknown) => {
        throw this.dropped('serialization', new SerializationError(error));
      });
      // Only its place in the queue matters here; its own emit tells how the one before it fared.
      await previous?.catch(() => undefined);
      return { reached: enqueue(value) };
    })();
    const mine = queued.then(
      () => undefined,
      () => undefined,
    );
    this.deferred = mine;
    void mine.then(() => {
      if (this.deferred === mine) {
        this.deferred = undefined;
      }
    });
    return queued.then(({ reached }) => reached);
  }

  private enqueue(
    value: unknown,
    packet: ReadPacket,
    requestId: string | undefined,
    until: EmitStage,
  ): Promise<void> | undefined {
    const { outbox, delivery } = this.options;
    const { part, bytes } = this.encodeOpen(value);
    if (delivery !== undefined && requestId === undefined) {
      return this.counted(() => delivery.accept(part, bytes, until));
    }
    if (!outbox.hasRoomFor(bytes)) {
      throw this.refuseFull(new OutboxFullError(outbox.queuedEvents, outbox.queuedBytes));
    }
    this.full = false;
    this.acceptedCount += 1;
    const acceptedAt = this.options.keepsTimes ? epochSeconds() : undefined;
    const batch = outbox.push(part, bytes, this.options.topicOf(packet), acceptedAt, requestId);
    const sent = until === 'sent' ? untilSent(batch) : undefined;
    this.options.onQueued();
    return sent;
  }

  /** Acknowledged delivery has bounds of its own. */
  private counted<T>(take: () => T): T {
    try {
      const taken = take();
      this.full = false;
      this.acceptedCount += 1;
      this.options.onQueued();
      return taken;
    } catch (error) {
      throw error instanceof OutboxFullError ? this.refuseFull(error) : error;
    }
  }

  /** @throws ClientClosedError, SerializationError, EventTooLargeError */
  private encodeOpen(value: unknown): EncodedValue<unknown> {
    const { limits, isClosed } = this.options;
    if (isClosed()) {
      throw this.dropped('closed', new ClientClosedError());
    }
    const encoded = this.encode(value);
    if (encoded.bytes > limits.maxFrameBytes) {
      throw this.dropped('too_large', new EventTooLargeError(encoded.bytes, limits.maxFrameBytes));
    }
    return encoded;
  }

  private encode(value: unknown): EncodedValue<unknown> {
    try {
      return this.options.codec.encode(value);
    } catch (error) {
      throw this.dropped('serialization', new SerializationError(error));
    }
  }

  private refuseFull(error: OutboxFullError): OutboxFullError {
    if (!this.full) {
      // Once when it fills, not once a packet: the counter tells how many. It may fill many times a second.
      this.full = true;
      this.options.log.warn(error.message);
    }
    return this.dropped('outbox_full', error);
  }

  private dropped<E extends Error>(reason: DropReason, error: E): E {
    this.dropCounts[reason] += 1;
    return error;
  }
}
