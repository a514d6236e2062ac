import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type Serializer, type WritePacket } from '@nestjs/microservices';
import { from, type Observable, of, throwError } from 'rxjs';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  Acceptor,
  type Codec,
  type EmitStage,
  epochSeconds,
  EventDroppedError,
  IdleWait,
  InvalidOptionsError,
  JsonCodec,
  LmdbSpool,
  MemorySpool,
  Outbox,
  outboxLimits,
  type OutboxLimits,
  type OverflowPolicy,
  packetOf,
  type Spool,
  type SpooledBatch,
  ThrottledLog,
  timerMs,
  UnacknowledgedEvents,
  UnsupportedOperationError,
  wholeNumber,
  ZmqRecord,
} from '@app/transport-core';
import { Broker, type BrokerState } from '../broker.js';
import { BrokerUnreachableError } from '../errors.js';
import type { JetStreamClientOptions, JetStreamStage } from '../options.js';
import { MAX_UNCONFIRMED, provePublish, PublishWindow } from './publish-window.js';
import type { JetStreamClientStats, JetStreamDelivery, JetStreamDrainReport } from './stats.js';

const GIB = 1024 ** 3;
/** A message costs the broker and both sides some ten microseconds, however few events are in it. */
const MAX_BATCH_EVENTS = 1024;
/** NATS takes 1 MiB a message by default, and counts the headers in it: ours have some hundred bytes. */
const MAX_MESSAGE_BYTES = 1024 ** 2 - 1024;
const OVERFLOW_POLICIES: readonly OverflowPolicy[] = ['block', 'reject', 'drop-oldest'];
/** The default serializer: the codec encodes Nest's packet as it is. */
const AS_IT_IS: Serializer = { serialize: (value: unknown) => value };
/** What `emit` returns for an event that has reached its stage. */
const REACHED: Observable<undefined> = of(undefined);
/** Our stages in the core's words: the broker's confirmation is the core's last stage. */
const CORE_STAGE: Readonly<Record<JetStreamStage, EmitStage>> = {
  accepted: 'accepted',
  spooled: 'stored',
  stored: 'applied',
};

/** What `client.on` can listen to. */
export interface JetStreamClientEvents extends Record<string, (...args: never[]) => void> {
  /** The connection changed its state. */
  state: (state: BrokerState) => void;
  /** `close()` has finished. */
  drained: (report: JetStreamDrainReport) => void;
}

/**
 * A Nest `ClientProxy` over NATS JetStream, for events.
 *
 * `emit` puts an event into a bounded outbox (or a spool on disk) and answers at once; events that wait together are published
 * as one message, and kept until the broker confirms that it has stored them. While the broker is away, events wait as long as
 * there is room. When it is back they are published, each stored once.
 */
export class JetStreamClient extends ClientProxy<JetStreamClientEvents> {
  private readonly logger = new Logger(JetStreamClient.name);
  private readonly emitter = new EventEmitter();
  private readonly limits: OutboxLimits;
  private readonly maxUnconfirmed: number;
  private readonly maxBytes: number;
  private readonly drainTimeoutMs: number;
  private readonly emitResolves: JetStreamStage;
  private readonly spool: Spool;
  private readonly events: UnacknowledgedEvents;
  private readonly acceptor: Acceptor;
  private readonly broker: Broker;
  private readonly window: PublishWindow;
  private readonly idle = new IdleWait(() => this.events.events === 0);
  private storedEvents = 0;
  private connection: NatsConnection | undefined;
  private opening: Promise<void> | undefined;
  private closing: Promise<JetStreamDrainReport> | undefined;

  /** @throws InvalidOptionsError */
  constructor(private readonly options: JetStreamClientOptions) {
    super();
    const { codec = new JsonCodec(), serializer = AS_IT_IS } = options;
    this.limits = outboxLimits({
      ...options,
      maxBatchEvents: options.maxBatchEvents ?? MAX_BATCH_EVENTS,
      maxFrameBytes: options.maxFrameBytes ?? MAX_MESSAGE_BYTES,
    });
    this.maxUnconfirmed = wholeNumber('maxUnconfirmed', options.maxUnconfirmed ?? 64, 1, MAX_UNCONFIRMED);
    this.drainTimeoutMs = timerMs('drainTimeoutMs', options.drainTimeoutMs ?? 5000);
    this.maxBytes =
      options.spool === undefined
        ? this.limits.maxBytes
        : wholeNumber('spool.maxBytes', options.spool.maxBytes ?? GIB, 1);
    this.emitResolves = options.emitResolves ?? (options.spool === undefined ? 'accepted' : 'spooled');
    this.checkStage(this.emitResolves);
    this.broker = new Broker(options, {
      logger: this.logger,
      onConnected: (session) => {
        this.connection = session.connection;
        this.window.onConnected(session);
      },
      onStateChange: (state) => this.onStateChange(state),
      prove: (session) => provePublish(session, this.broker.subjectOf(0)),
    });
    this.spool = this.createSpool();
    this.window = this.createWindow();
    this.events = this.createEvents(codec);
    this.acceptor = new Acceptor({
      serializer,
      codec,
      limits: this.limits,
      outbox: new Outbox(this.limits),
      events: this.events,
      topicOf: undefined,
      log: new ThrottledLog(this.logger),
      isClosed: () => this.closing !== undefined,
      onQueued: () => this.openInBackground(),
    });
    this._status$.next('idle');
  }

  /** The connection's states, the current one first. */
  override get status(): Observable<BrokerState> {
    return super.status as Observable<BrokerState>;
  }

  get linkState(): BrokerState {
    return this.broker.state;
  }

  /** Opens the spool and begins to connect, without waiting for the broker. @throws SpoolUnusableError */
  open(): Promise<void> {
    this.opening ??= this.openOnce();
    return this.opening;
  }

  /**
   * Opens, and waits until the broker is there.
   * @throws BrokerUnfitError, BrokerUnreachableError (the client still tries again in the background), SpoolUnusableError
   */
  override async connect(): Promise<void> {
    await this.open();
    if (this.broker.state === 'connected') {
      return;
    }
    await this.broker.check();
    await this.untilConnected();
  }

  /**
   * Connects once and checks the stream, so that a wrong setting shows at the start.
   * @throws BrokerUnfitError, BrokerUnreachableError
   */
  check(): Promise<void> {
    return this.broker.check();
  }

  override emit<TResult = undefined, TInput = unknown>(pattern: unknown, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) {
      // Nest's base class answers a packet without pattern or data.
      return super.emit<TResult, TInput>(pattern, data);
    }
    try {
      const reaching = this.offer(pattern, data);
      return (reaching === undefined ? REACHED : from(reaching)) as Observable<TResult>;
    } catch (error) {
      return throwError(() => error);
    }
  }

  /**
   * Emits an event without an observable.
   * @param resolves @default the client's `emitResolves`
   * @returns undefined when the event has reached the stage; otherwise a promise that resolves when it has, which you may
   * ignore
   * @throws OutboxFullError, EventTooLargeError, SerializationError, ClientClosedError; TypeError for a missing pattern or data
   */
  offer(pattern: unknown, data: unknown, resolves = this.emitResolves): Promise<void> | undefined {
    if (isMissing(pattern) || isMissing(data)) {
      throw new TypeError('an event has a pattern and data');
    }
    let stage = resolves;
    let payload: unknown = data;
    if (data instanceof ZmqRecord) {
      payload = data.data as unknown;
      stage = this.stageOf(data.options.resolves) ?? resolves;
    }
    this.checkStage(stage);
    return this.acceptor.accept(packetOf(this, pattern, payload), CORE_STAGE[stage]);
  }

  /** Emits an event and lets you follow it, until the broker has stored it. @throws what `offer` throws */
  async deliver(pattern: unknown, data: unknown): Promise<JetStreamDelivery> {
    const { id, stored, applied } = await this.acceptor.follow(packetOf(this, pattern, data), (part, bytes) =>
      this.events.follow(part, bytes),
    );
    return { id, spooled: stored, stored: applied };
  }

  /**
   * Measures a round trip to the broker, in seconds.
   * @throws BrokerUnreachableError while it is away, or when it does not answer in time
   */
  async ping(timeoutMs = 1000): Promise<number> {
    if (this.broker.state !== 'connected' || this.connection === undefined) {
      throw new BrokerUnreachableError('the broker is away');
    }
    const startedMs = performance.now();
    const stopped = new AbortController();
    const late = delay(timerMs('timeoutMs', timeoutMs, 1), undefined, { signal: stopped.signal }).then(() => {
      throw new Error(`no answer within ${timeoutMs} ms`);
    });
    try {
      // PING and PONG; the connection's own `rtt` knows whole milliseconds only.
      await Promise.race([this.connection.flush(), late]);
      return (performance.now() - startedMs) / 1000;
    } catch (error) {
      throw new BrokerUnreachableError('the broker did not answer', { cause: error });
    } finally {
      late.catch(() => undefined);
      stopped.abort();
    }
  }

  /**
   * Accepts nothing more, publishes what waits, waits for the broker's confirmations and closes; takes at most
   * `drainTimeoutMs`. What is left then is dropped and counted, or stays in the spool for the next process.
   */
  override close(): Promise<JetStreamDrainReport> {
    this.closing ??= Promise.resolve().then(() => this.drain());
    return this.closing;
  }

  override on<Key extends keyof JetStreamClientEvents>(
    event: Key,
    callback: JetStreamClientEvents[Key],
  ): void {
    this.emitter.on(event as string, callback as (...args: unknown[]) => void);
  }

  /** The connection of the NATS client. @throws BrokerUnreachableError while there is none */
  override unwrap<T = NatsConnection>(): T {
    if (this.connection === undefined) {
      throw new BrokerUnreachableError('no broker has answered yet: call connect() first');
    }
    return this.connection as T;
  }

  stats(): JetStreamClientStats {
    const { events, bytes, waits, spoolStats } = this.events;
    const {
      messages,
      bytes: publishedBytes,
      repeated,
      repeatedEvents,
      duplicates,
      failed,
    } = this.window.published;
    const oldest = spoolStats?.oldestAcceptedAtSeconds ?? Number.NaN;
    return {
      state: this.broker.state,
      refusal: this.broker.refusal?.message,
      queuedEvents: events,
      queuedBytes: bytes,
      maxQueuedEvents: this.maxEvents,
      maxQueuedBytes: this.maxBytes,
      oldestQueuedSeconds: Number.isNaN(oldest) ? 0 : Math.max(0, epochSeconds() - oldest),
      accepted: this.acceptor.accepted,
      stored: this.storedEvents,
      batches: messages,
      publishedBytes,
      repeated,
      repeatedEvents,
      duplicates,
      unconfirmed: this.window.size,
      maxUnconfirmedEvents: this.maxUnconfirmed * this.limits.maxBatchEvents,
      failed,
      blocked: waits,
      reconnects: this.broker.reconnects,
      drops: this.acceptor.drops,
      spoolFault: spoolStats?.fault,
    };
  }

  protected override async dispatchEvent<T>({ pattern, data }: ReadPacket): Promise<T> {
    await this.offer(pattern, data);
    return undefined as T;
  }

  protected override publish(_packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    callback({
      err: new UnsupportedOperationError('a stream carries events only: no reply can come back'),
    });
    return () => undefined;
  }

  /** A spool bounds bytes, not events. */
  private get maxEvents(): number {
    return this.options.spool === undefined ? this.limits.maxEvents : Number.POSITIVE_INFINITY;
  }

  private createSpool(): Spool {
    const { spool } = this.options;
    if (spool === undefined) {
      return new MemorySpool();
    }
    const { directory } = spool;
    if (typeof directory !== 'string' || directory === '') {
      throw new InvalidOptionsError('`spool.directory` is missing: a spool needs a folder');
    }
    return new LmdbSpool({
      directory,
      onWarning: ({ message }) => this.logger.warn(message),
      onDamaged: ({ first }) => {
        this.logger.error(
          `the spool in ${directory} is damaged: the batch that begins with event ${first} is lost`,
        );
        // How many events it had is lost too.
        this.acceptor.countDrops('spool_damaged', 1);
      },
    });
  }

  private createWindow(): PublishWindow {
    const { options, broker, spool, logger } = this;
    return new PublishWindow({
      spool,
      stream: broker.stream.name,
      partitions: broker.stream.partitions,
      duplicateWindowMs: broker.stream.duplicateWindowMs,
      subjectOf: broker.subjectOf,
      maxUnconfirmed: this.maxUnconfirmed,
      confirmTimeoutMs: timerMs('confirmTimeoutMs', options.confirmTimeoutMs ?? 5000, 1),
      logger,
      onStreamMissing: () => broker.recheck(),
      onSent: (batch, isFirst) => {
        this.events.onSent(batch);
        if (isFirst) {
          this.onBatchSent(batch);
        }
      },
      onConfirmed: (sequence, count, failures) => {
        this.storedEvents += count - failures.length;
        this.events.onAcknowledged(sequence, failures);
        this.idle.signal();
      },
    });
  }

  private onBatchSent({ count: events, acceptedAtSeconds }: SpooledBatch): void {
    this.options.onBatchSent?.({
      events,
      accepted: [{ atSeconds: acceptedAtSeconds, events }],
      sentAtSeconds: epochSeconds(),
    });
  }

  private createEvents(codec: Codec): UnacknowledgedEvents {
    const { options, spool, logger, window } = this;
    const { overflow = 'reject' } = options;
    if (!OVERFLOW_POLICIES.includes(overflow)) {
      throw new InvalidOptionsError(`\`overflow\` must be one of ${OVERFLOW_POLICIES.join(', ')}`);
    }
    return new UnacknowledgedEvents({
      spool,
      codec,
      logger,
      batchLimits: this.limits,
      maxEvents: this.maxEvents,
      maxBytes: this.maxBytes,
      overflow,
      firstUnsent: () => window.firstUnsent,
      onNumbered: () => undefined,
      onStored: (batch) => window.onStored(batch),
      onDropped: (count) => this.acceptor.countDrops('dropped_oldest', count),
      onFailed: (count) => {
        this.acceptor.countDrops('spool_failed', count);
        this.idle.signal();
      },
    });
  }

  private stageOf(asked: EmitStage | undefined): JetStreamStage | undefined {
    if (asked === 'applied' || asked === 'sent') {
      throw new UnsupportedOperationError(
        `\`${asked}\` is not possible here: a broker is between this client and the handlers; use \`stored\``,
      );
    }
    return asked;
  }

  /** @throws InvalidOptionsError when events of this client never reach that stage */
  private checkStage(stage: JetStreamStage): void {
    if (!(stage in CORE_STAGE)) {
      throw new InvalidOptionsError(`an event's stage is one of ${Object.keys(CORE_STAGE).join(', ')}`);
    }
    if (stage === 'spooled' && this.options.spool === undefined) {
      throw new InvalidOptionsError('`spooled` needs a spool: set `spool.directory`');
    }
  }

  private async openOnce(): Promise<void> {
    await this.spool.open();
    this.window.open();
    this.events.open();
    this.broker.start();
  }

  private openInBackground(): void {
    if (this.opening === undefined) {
      this.open().catch((error: unknown) => this.logger.error('the spool could not be opened', error));
    }
  }

  private untilConnected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const subscription = this.status.subscribe((state) => {
        if (state === 'connected') {
          resolve();
        } else if (state === 'refused') {
          reject(this.broker.refusal ?? new BrokerUnreachableError('the broker refused this client'));
        } else if (state === 'closed') {
          reject(new BrokerUnreachableError('the client was closed'));
        } else {
          return;
        }
        queueMicrotask(() => subscription.unsubscribe());
      });
    });
  }

  private async drain(): Promise<JetStreamDrainReport> {
    this.events.flush();
    const queued = this.events.events;
    if (queued > 0 && this.opening !== undefined) {
      await this.idle.until(this.drainTimeoutMs);
    }
    const left = this.events.events;
    this.window.close();
    await this.broker.close();
    const unnumbered = this.events.closeEntrance();
    const isDurable = this.options.spool !== undefined;
    if (!isDurable) {
      this.spool.release(this.spool.nextSequence - 1);
    }
    await this.spool.close();
    this.events.failFollowed(
      new EventDroppedError('the client closed before the broker confirmed the event'),
    );
    const dropped = isDurable ? unnumbered : left;
    this.acceptor.countDrops('drain_timeout', dropped);
    const report = { queued, delivered: queued - left, dropped, kept: left - dropped };
    this.emitter.emit('drained', report);
    return report;
  }

  private onStateChange(state: BrokerState): void {
    if (state !== 'connected') {
      this.window.onDisconnected();
    }
    this._status$.next(state);
    this.emitter.emit('state', state);
  }
}

function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
