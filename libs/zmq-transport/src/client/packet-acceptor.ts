import type { LoggerService } from '@nestjs/common';
import type { ReadPacket, Serializer } from '@nestjs/microservices';
import { epochSeconds } from '../clock.js';
import type { Codec, EncodedValue } from '../codec/codec.interface.js';
import { ClientClosedError } from '../errors/client-closed.error.js';
import { EventTooLargeError } from '../errors/event-too-large.error.js';
import { OutboxFullError } from '../errors/outbox-full.error.js';
import { SerializationError } from '../errors/serialization.error.js';
import { DROP_REASONS, type DropReason } from './client-stats.js';
import type { Outbox, OutboxLimits } from './outbox.js';

export interface PacketAcceptorOptions {
  readonly serializer: Serializer;
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly limits: OutboxLimits;
  readonly logger: LoggerService;
  readonly topicOf: (packet: ReadPacket) => string;
  /** Whether each packet's time of acceptance is kept for `onBatchSent`. */
  readonly keepsTimes: boolean;
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
  accept(packet: ReadPacket, requestId?: string): Promise<void> | undefined {
    const serialized = this.serialize(packet);
    if (this.deferred !== undefined || serialized instanceof Promise) {
      return this.acceptLater(serialized, packet, requestId);
    }
    this.enqueue(serialized, packet, requestId);
    return undefined;
  }

  private serialize(packet: ReadPacket): unknown {
    try {
      return this.options.serializer.serialize(packet) as unknown;
    } catch (error) {
      throw this.dropped('serialization', new SerializationError(error));
    }
  }

  private acceptLater(serialized: unknown, packet: ReadPacket, requestId: string | undefined): Promise<void> {
    const previous = this.deferred;
    const mine = (async () => {
      const value = await Promise.resolve(serialized).catch((error: unknown) => {
        throw this.dropped('serialization', new SerializationError(error));
      });
      // Only its place in the queue matters here; its own emit tells how the one before it fared.
      await previous?.catch(() => undefined);
      this.enqueue(value, packet, requestId);
    })().finally(() => {
      if (this.deferred === mine) {
        this.deferred = undefined;
      }
    });
    this.deferred = mine;
    return mine;
  }

  private enqueue(value: unknown, packet: ReadPacket, requestId: string | undefined): void {
    const { limits, outbox } = this.options;
    if (this.options.isClosed()) {
      throw this.dropped('closed', new ClientClosedError());
    }
    const { part, bytes } = this.encode(value);
    if (bytes > limits.maxFrameBytes) {
      throw this.dropped('too_large', new EventTooLargeError(bytes, limits.maxFrameBytes));
    }
    if (!outbox.hasRoomFor(bytes)) {
      throw this.refuseFull();
    }
    this.full = false;
    this.acceptedCount += 1;
    const acceptedAt = this.options.keepsTimes ? epochSeconds() : undefined;
    outbox.push(part, bytes, this.options.topicOf(packet), acceptedAt, requestId);
    this.options.onQueued();
  }

  private encode(value: unknown): EncodedValue<unknown> {
    try {
      return this.options.codec.encode(value);
    } catch (error) {
      throw this.dropped('serialization', new SerializationError(error));
    }
  }

  private refuseFull(): OutboxFullError {
    const { outbox, logger } = this.options;
    const error = new OutboxFullError(outbox.queuedEvents, outbox.queuedBytes);
    if (!this.full) {
      // Once when it fills, not once a packet: the counter tells how many.
      this.full = true;
      logger.warn(error.message);
    }
    return this.dropped('outbox_full', error);
  }

  private dropped<E extends Error>(reason: DropReason, error: E): E {
    this.dropCounts[reason] += 1;
    return error;
  }
}
