import type { ReadPacket, Serializer } from '@nestjs/microservices';
import type { Codec } from '../codec/codec.js';
import { ClientClosedError, EventTooLargeError, OutboxFullError, SerializationError } from '../errors.js';
import type { EmitStage } from '../options.js';
import type { ThrottledLog } from '../throttled-log.js';
import type { BatchLimits, EventQueue, Outbox } from './outbox.js';

/**
 * Why an event handed to `emit` was not sent.
 * - `outbox_full`, `too_large`, `serialization`, `closed`: `emit` did not accept it, its observable failed
 * - `drain_timeout`: it was accepted, and still waited when `close()` ran out of time
 * - `no_subscriber`: it was accepted, and no peer had subscribed to its topic (PUB/SUB only)
 * - `dropped_oldest`: it was accepted, and a newer one needed its room (acknowledged delivery only)
 * - `spool_damaged`: it was on disk, and cannot be read any more (durable delivery only); counts batches
 * - `spool_failed`: the disk did not take it (durable delivery only); its `emit` failed if it waited for that
 */
export const DROP_REASONS = [
  'outbox_full',
  'too_large',
  'serialization',
  'closed',
  'drain_timeout',
  'no_subscriber',
  'dropped_oldest',
  'spool_failed',
  'spool_damaged',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

export interface AcceptorOptions {
  readonly serializer: Serializer;
  readonly codec: Codec;
  /** An event over `maxFrameBytes` is not accepted. */
  readonly limits: Pick<BatchLimits, 'maxFrameBytes'>;
  /** Where requests wait. */
  readonly outbox: Outbox;
  /** Where events wait. */
  readonly events: EventQueue;
  /** Gives the topic of an event; undefined for pairs without topics. */
  readonly topicOf: ((pattern: unknown) => string) | undefined;
  readonly log: ThrottledLog;
  readonly isClosed: () => boolean;
  /** Something was put into a queue. */
  readonly onQueued: () => void;
}

/** Turns Nest's packet into encoded bytes in a queue, or into a typed error that is counted. */
export class Acceptor {
  private readonly dropCounts = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;
  private acceptedCount = 0;
  private full = false;
  /** The last of the packets that an asynchronous serializer still works on: they keep the order of their `emit`. */
  private deferred: Promise<unknown> | undefined;
  /** Size of the last result of {@link encode}, in bytes. */
  private encodedBytes = 0;

  constructor(private readonly options: AcceptorOptions) {}

  get accepted(): number {
    return this.acceptedCount;
  }

  get drops(): Readonly<Record<DropReason, number>> {
    return { ...this.dropCounts };
  }

  countDrops(reason: DropReason, events: number): void {
    this.dropCounts[reason] += events;
  }

  /**
   * @returns undefined when the event has reached the stage; else a promise of that
   * @throws OutboxFullError, EventTooLargeError, SerializationError, ClientClosedError
   */
  accept(packet: ReadPacket, until: EmitStage): Promise<void> | undefined {
    const serialized = this.serialize(packet);
    if (this.deferred !== undefined || serialized instanceof Promise) {
      return this.acceptLater(serialized, (value) => this.enqueue(value, packet.pattern, until));
    }
    return this.enqueue(serialized, packet.pattern, until);
  }

  /** Accepts a request. @throws as {@link accept} */
  acceptRequest(packet: ReadPacket, id: string): Promise<void> | undefined {
    const enqueue = (value: unknown): Promise<void> | undefined =>
      this.put(value, (part, bytes) => this.options.outbox.add(part, bytes, 'accepted', '', id));
    const serialized = this.serialize(packet);
    return this.deferred !== undefined || serialized instanceof Promise
      ? this.acceptLater(serialized, enqueue)
      : enqueue(serialized);
  }

  /** Accepts an event and lets its caller follow it. @throws as {@link accept} */
  follow<T>(packet: ReadPacket, put: (part: unknown, bytes: number) => Promise<T>): Promise<T> {
    return this.acceptLater(this.serialize(packet), (value) => this.put(value, put));
  }

  private serialize(packet: ReadPacket): unknown {
    try {
      return this.options.serializer.serialize(packet) as unknown;
    } catch (error) {
      throw this.dropped('serialization', new SerializationError(error));
    }
  }

  /** The promise of `enqueue` may take long; packets wait for each other only until they are queued. */
  private acceptLater<T>(serialized: unknown, enqueue: (value: unknown) => Promise<T> | T): Promise<T> {
    const previous = this.deferred;
    const queued = (async () => {
      const value = await Promise.resolve(serialized).catch((error: unknown) => {
        throw this.dropped('serialization', new SerializationError(error));
      });
      // Only the order matters here; the earlier packet's own emit reports its error.
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
    const reached = queued.then((it) => it.reached);
    // A caller need not listen: an event that is not accepted must not cause an unhandled rejection.
    reached.catch(() => undefined);
    return reached;
  }

  /** The hot path of `emit`: it makes no closure and no object. */
  private enqueue(value: unknown, pattern: unknown, until: EmitStage): Promise<void> | undefined {
    const part = this.encode(value);
    let reached: Promise<void> | undefined;
    try {
      reached = this.options.events.add(part, this.encodedBytes, until, this.options.topicOf?.(pattern));
    } catch (error) {
      throw this.refused(error);
    }
    this.onTaken();
    return reached;
  }

  private put<T>(value: unknown, put: (part: unknown, bytes: number) => T): T {
    const part = this.encode(value);
    let taken: T;
    try {
      taken = put(part, this.encodedBytes);
    } catch (error) {
      throw this.refused(error);
    }
    this.onTaken();
    return taken;
  }

  private onTaken(): void {
    this.full = false;
    this.acceptedCount += 1;
    this.options.onQueued();
  }

  /** @returns the part. @throws ClientClosedError, SerializationError, EventTooLargeError */
  private encode(value: unknown): unknown {
    const { codec, limits, isClosed } = this.options;
    if (isClosed()) {
      throw this.dropped('closed', new ClientClosedError());
    }
    let part: unknown;
    try {
      ({ part, bytes: this.encodedBytes } = codec.encode(value));
    } catch (error) {
      throw this.dropped('serialization', new SerializationError(error));
    }
    if (this.encodedBytes > limits.maxFrameBytes) {
      throw this.dropped('too_large', new EventTooLargeError(this.encodedBytes, limits.maxFrameBytes));
    }
    return part;
  }

  private refused(error: unknown): unknown {
    if (!(error instanceof OutboxFullError)) {
      return error;
    }
    if (!this.full) {
      // Logged once when it fills, not for each event: the counter has the number. It may fill many times a second.
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
