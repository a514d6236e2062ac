import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type Serializer, type WritePacket } from '@nestjs/microservices';
import { from, type Observable, of, throwError } from 'rxjs';
import type { Push } from 'zeromq';
import type { Codec, EncodedValue } from '../codec/codec.interface.js';
import { JsonCodec } from '../codec/json.codec.js';
import { ClientClosedError } from '../errors/client-closed.error.js';
import { EventTooLargeError } from '../errors/event-too-large.error.js';
import { NotOpenError } from '../errors/not-open.error.js';
import { OutboxFullError } from '../errors/outbox-full.error.js';
import { SerializationError } from '../errors/serialization.error.js';
import { UnsupportedOperationError } from '../errors/unsupported-operation.error.js';
import { resolveEndpoints } from '../socket/endpoints.js';
import { highWaterMark, socketSettings, wholeNumber } from '../socket/socket-settings.js';
import type { ZmqClientOptions } from '../zmq.options.js';
import {
  type ClientDrainReport,
  DROP_REASONS,
  type DropReason,
  type LinkState,
  type ZmqClientStats,
} from './client-stats.js';
import { Outbox, type OutboxLimits } from './outbox.js';
import { OutboundLink } from './outbound-link.js';

/** What `client.on` can listen to. */
export interface ZmqClientEvents extends Record<string, (...args: never[]) => void> {
  /** The link changed its state. */
  state: (state: LinkState) => void;
  /** `close()` has finished. */
  drained: (report: ClientDrainReport) => void;
}

/** What every accepted `emit` returns: completes at once, and costs no allocation. */
const ACCEPTED: Observable<undefined> = of(undefined);

/**
 * A Nest `ClientProxy` that pushes events over ZeroMQ.
 *
 * `emit` puts an event into a bounded outbox and answers at once: its observable completes when the event was
 * accepted and fails when it was refused ({@link OutboxFullError}, {@link EventTooLargeError},
 * {@link SerializationError}, {@link ClientClosedError}). It never waits for a peer, so a slow or absent one cannot
 * slow the producer. Delivery is at most once.
 */
export class ZmqClient extends ClientProxy<ZmqClientEvents, LinkState> {
  private readonly logger = new Logger(ZmqClient.name);
  private readonly emitter = new EventEmitter();
  private readonly codec: Codec;
  private readonly limits: OutboxLimits;
  private readonly drainTimeoutMs: number;
  private readonly outbox: Outbox;
  private readonly link: OutboundLink;
  private readonly drops = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >;
  /** The tail of the packets whose serializer answers with a promise: they keep the order of their `emit`. */
  private deferred: Promise<unknown> | undefined;
  private accepted = 0;
  private full = false;
  private closing: Promise<ClientDrainReport> | undefined;

  /** @throws InvalidOptionsError */
  constructor(options: ZmqClientOptions) {
    super();
    const maxFrameBytes = wholeNumber('maxFrameBytes', options.maxFrameBytes ?? 1024 * 1024, 1);
    this.limits = {
      maxEvents: wholeNumber('outbox.maxEvents', options.outbox?.maxEvents ?? 65_536, 1),
      maxBytes: wholeNumber('outbox.maxBytes', options.outbox?.maxBytes ?? 64 * 1024 * 1024, 1),
      maxBatchEvents: wholeNumber('maxBatchEvents', options.maxBatchEvents ?? 256, 1),
      maxFrameBytes,
    };
    this.drainTimeoutMs = wholeNumber('drainTimeoutMs', options.drainTimeoutMs ?? 5000);
    this.codec = options.codec ?? new JsonCodec();
    this.serializer = options.serializer ?? identity;
    this.outbox = new Outbox(this.limits);
    this.link = new OutboundLink(this.outbox, {
      endpoints: resolveEndpoints(options),
      settings: socketSettings(options),
      sendHighWaterMark: highWaterMark(options),
      toMessage: (batch) => this.codec.join(batch.parts),
      onStateChange: (state) => this.announce(state),
      onSendFailed: (error) => this.logger.error('a socket failed; its events wait for another', error),
    });
    this.announce('idle');
  }

  /** Whether anybody is at the other end, now. */
  get linkState(): LinkState {
    return this.link.state;
  }

  /**
   * Opens the sockets. A PUSH socket accepts work before its peer is there, so this does not wait for one: `status`
   * and `linkState` tell when somebody is. Reopens a closed client.
   * @throws BindFailedError
   */
  override async connect(): Promise<void> {
    if (this.closing !== undefined) {
      await this.closing;
      this.closing = undefined;
    }
    await this.link.open();
  }

  override emit<TResult = undefined, TInput = unknown>(pattern: unknown, data: TInput): Observable<TResult> {
    if (pattern === undefined || pattern === null || data === undefined || data === null) {
      // Nest's own answer to a packet without pattern or data.
      return super.emit<TResult, TInput>(pattern, data);
    }
    try {
      const serialized: unknown = this.serialize(this.createPacket(pattern, data));
      if (this.deferred !== undefined || serialized instanceof Promise) {
        return from(this.acceptLater(serialized)) as Observable<TResult>;
      }
      this.accept(serialized);
      return ACCEPTED as Observable<TResult>;
    } catch (error) {
      return throwError(() => error);
    }
  }

  /**
   * Refuses what comes from now on, sends what waits, and closes the sockets; at most `drainTimeoutMs`. What is left
   * then is dropped, counted and reported. Calling it again gives the same report.
   */
  override close(): Promise<ClientDrainReport> {
    this.closing ??= this.drain();
    return this.closing;
  }

  override on<Key extends keyof ZmqClientEvents>(event: Key, callback: ZmqClientEvents[Key]): void {
    this.emitter.on(event as string, callback as (...args: unknown[]) => void);
  }

  /**
   * The zeromq.js sockets, one for each address (or one for all that are bound).
   * @throws NotOpenError before `connect()` or the first `emit`
   */
  override unwrap<T = Push[]>(): T {
    if (this.link.sockets.length === 0) {
      throw new NotOpenError('call connect() first');
    }
    return this.link.sockets as T;
  }

  stats(): ZmqClientStats {
    const { events, bytes, batches } = this.link.totals;
    return {
      state: this.link.state,
      peers: this.link.peers,
      queuedEvents: this.outbox.queuedEvents + this.link.pendingEvents,
      queuedBytes: this.outbox.queuedBytes,
      maxQueuedEvents: this.limits.maxEvents,
      maxQueuedBytes: this.limits.maxBytes,
      accepted: this.accepted,
      sent: events,
      sentBytes: bytes,
      batches,
      reconnects: this.link.reconnects,
      drops: { ...this.drops },
    };
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    await this.acceptLater(this.serialize(packet));
    return undefined as T;
  }

  protected override publish(_packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    callback({
      err: new UnsupportedOperationError('PUSH/PULL carries events only: it has no way back for a reply'),
    });
    return () => undefined;
  }

  private serialize(packet: ReadPacket): unknown {
    try {
      return this.serializer.serialize(packet) as unknown;
    } catch (error) {
      throw this.dropped('serialization', new SerializationError(error));
    }
  }

  private async acceptLater(serialized: unknown): Promise<undefined> {
    const previous = this.deferred;
    const mine = (async () => {
      const value = await Promise.resolve(serialized).catch((error: unknown) => {
        throw this.dropped('serialization', new SerializationError(error));
      });
      await previous?.catch(() => undefined);
      this.accept(value);
    })();
    this.deferred = mine;
    try {
      await mine;
    } finally {
      if (this.deferred === mine) {
        this.deferred = undefined;
      }
    }
  }

  private accept(value: unknown): void {
    if (this.closing !== undefined) {
      throw this.dropped('closed', new ClientClosedError());
    }
    const { part, bytes } = this.encode(value);
    if (bytes > this.limits.maxFrameBytes) {
      throw this.dropped('too_large', new EventTooLargeError(bytes, this.limits.maxFrameBytes));
    }
    if (!this.outbox.hasRoomFor(bytes)) {
      throw this.refuseFull();
    }
    this.full = false;
    this.accepted += 1;
    this.outbox.push(part, bytes);
    if (this.link.state === 'idle') {
      this.openLazily();
    } else {
      this.link.notifyQueued();
    }
  }

  private encode(value: unknown): EncodedValue<unknown> {
    try {
      return this.codec.encode(value);
    } catch (error) {
      throw this.dropped('serialization', new SerializationError(error));
    }
  }

  /** The first `emit` opens the sockets. When that fails the event keeps waiting: `connect()` can be tried again. */
  private openLazily(): void {
    this.link.open().catch((error: unknown) => this.logger.error('the sockets could not be opened', error));
  }

  private refuseFull(): OutboxFullError {
    const error = new OutboxFullError(this.outbox.queuedEvents, this.outbox.queuedBytes);
    if (!this.full) {
      // Once when it fills, not once an event: the counter tells how many.
      this.full = true;
      this.logger.warn(error.message);
    }
    return this.dropped('outbox_full', error);
  }

  private dropped<E extends Error>(reason: DropReason, error: E): E {
    this.drops[reason] += 1;
    return error;
  }

  private async drain(): Promise<ClientDrainReport> {
    const report = await this.link.drainAndClose(this.drainTimeoutMs);
    this.drops.drain_timeout += report.dropped;
    this.emitter.emit('drained', report);
    return report;
  }

  private announce(state: LinkState): void {
    this._status$.next(state);
    this.emitter.emit('state', state);
  }
}

const identity: Serializer = { serialize: (value: unknown) => value };
