import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type Serializer, type WritePacket } from '@nestjs/microservices';
import { first, firstValueFrom, from, Observable, of, throwError, timeout } from 'rxjs';
import type { Socket } from 'zeromq';
import {
  Acceptor,
  ClientClosedError,
  type Delivery,
  type EmitStage,
  JsonCodec,
  Outbox,
  outboxLimits,
  type OutboxLimits,
  packetOf,
  ThrottledLog,
  timerMs,
  TurnScheduler,
  type TypedSender,
  UnsupportedOperationError,
  type ZmqContract,
  ZmqRecord,
} from '@app/transport-core';
import {
  type AcknowledgedProducer,
  checkStage,
  createProducer,
  emitStage,
} from '../acknowledged/producer/producer.js';
import { ClientSecurity } from '../curve/client-curve.js';
import type { CurveClientOptions } from '../curve/keys.js';
import {
  AuthenticationFailedError,
  NotOpenError,
  PeerUnreachableError,
  ProtocolRefusedError,
} from '../errors.js';
import { resolveEndpoints } from '../sockets/endpoints.js';
import { heartbeatInterval, highWaterMark, socketSettings } from '../sockets/socket-settings.js';
import type { SocketPair } from '../sockets/socket-settings.js';
import type { ZmqClientOptions } from '../zmq-options.js';
import { Requests } from './requests.js';
import { Sender } from './sender.js';
import type { ClientDrainReport, LinkState, ZmqClientStats } from './stats.js';

/** What `client.on` can listen to. */
export interface ZmqClientEvents extends Record<string, (...args: never[]) => void> {
  /** The link changed its state. */
  state: (state: LinkState) => void;
  /** `close()` has finished. */
  drained: (report: ClientDrainReport) => void;
}

/** The default serializer: the codec encodes Nest's packet as it is. */
const AS_IT_IS: Serializer = { serialize: (value: unknown) => value };

/** What every accepted `emit` returns: completes at once, and costs no allocation. */
const ACCEPTED: Observable<undefined> = of(undefined);

/**
 * A Nest `ClientProxy` over ZeroMQ.
 *
 * `emit` puts an event into a bounded outbox and answers at once: its observable completes when the event was
 * accepted and fails when it was not (`OutboxFullError`, `EventTooLargeError`, `SerializationError`, `ClientClosedError`). It
 * never waits for a peer, so a slow or absent one cannot slow the producer. `send` needs the DEALER/ROUTER pair; without a
 * server it fails with `PeerUnreachableError`.
 */
export class ZmqClient extends ClientProxy<ZmqClientEvents> {
  private readonly logger = new Logger(ZmqClient.name);
  private readonly emitter = new EventEmitter();
  private readonly pair: SocketPair;
  private readonly drainTimeoutMs: number;
  private readonly connectTimeoutMs: number;
  private readonly requestTimeoutMs: number;
  private readonly emitResolves: EmitStage;
  private readonly limits: OutboxLimits;
  private readonly outbox: Outbox;
  private readonly acceptor: Acceptor;
  private readonly requests: Requests;
  private readonly security: ClientSecurity;
  private readonly producer: AcknowledgedProducer | undefined;
  private readonly sender: Sender;
  private roundTripSeconds = Number.NaN;
  /** The promise that the newest unfinished event waits for, and its observable. */
  private latest: { readonly reaching: Promise<void>; readonly observable: Observable<unknown> } | undefined;
  private closing: Promise<ClientDrainReport> | undefined;

  /** @throws InvalidOptionsError */
  constructor(private readonly options: ZmqClientOptions) {
    super();
    const { pair = 'push-pull', codec = new JsonCodec(), onBatchSent, deserializer } = options;
    const { logger } = this;
    this.pair = pair;
    this.drainTimeoutMs = timerMs('drainTimeoutMs', options.drainTimeoutMs ?? 5000);
    this.connectTimeoutMs = timerMs('connectTimeoutMs', options.connectTimeoutMs ?? 5000);
    this.requestTimeoutMs = timerMs('requestTimeoutMs', options.requestTimeoutMs ?? 30_000);
    this.emitResolves = emitStage(options);
    this.limits = outboxLimits(options);
    this.security = new ClientSecurity(options.curve, resolveEndpoints(options), logger);
    const turns = new TurnScheduler(() => this.sender.pump());
    this.outbox = new Outbox(this.limits, onBatchSent && turns.nowSeconds, codec);
    this.requests = new Requests({ codec, deserializer, logger, onTimeout: (id) => this.cancelOnServer(id) });
    this.producer = createProducer(options, {
      codec,
      limits: this.limits,
      logger,
      onDropped: (reason, events) => this.acceptor.countDrops(reason, events),
      onSent: (batch) => this.sender.onSpooledSent(batch),
      onProgress: () => this.sender.onAcknowledgementProgress(),
    });
    this.acceptor = new Acceptor({
      serializer: options.serializer ?? AS_IT_IS,
      codec,
      limits: this.limits,
      outbox: this.outbox,
      events: this.producer ?? this.outbox,
      topicOf: pair === 'pub-sub' ? (pattern) => this.normalizePattern(pattern as string) : undefined,
      log: new ThrottledLog(logger),
      isClosed: () => this.closing !== undefined,
      onQueued: () => this.onQueued(),
    });
    this.sender = this.createSender(turns);
    this._status$.next('idle');
  }

  private createSender(turns: TurnScheduler): Sender {
    const { options, producer } = this;
    const socketLog = new ThrottledLog(this.logger);
    return new Sender(this.outbox, turns, {
      pair: this.pair,
      endpoints: resolveEndpoints(options),
      settings: {
        socket: { ...socketSettings(options), sendHighWaterMark: highWaterMark(options) },
        heartbeatIntervalMs: heartbeatInterval(options),
        maxMessageBytes: 16 * this.limits.maxFrameBytes,
      },
      codec: options.codec ?? new JsonCodec(),
      limits: this.limits,
      security: this.security,
      replies: this.requests,
      producer,
      onStateChange: (state) => this.onStateChange(state),
      onBroken: (error) => socketLog.error('a socket failed; its packets wait for another socket', error),
      onUnwanted: (events) => this.acceptor.countDrops('no_subscriber', events),
      logger: this.logger,
      onBatchSent: options.onBatchSent,
    });
  }

  /**
   * The link's states, the current one first. Typed here and not by Nest's type parameter, which `customClass` does not accept.
   */
  override get status(): Observable<LinkState> {
    return super.status as Observable<LinkState>;
  }

  /** Whether a peer is at the other end now. */
  get linkState(): LinkState {
    return this.sender.state;
  }

  /**
   * Opens the sockets without waiting for a peer; `status` and `linkState` tell when one is there. Reopens a client
   * that was closed.
   * @throws BindFailedError
   */
  async open(): Promise<void> {
    if (this.closing !== undefined) {
      await this.closing;
      this.closing = undefined;
    }
    await this.sender.open();
  }

  /**
   * Opens the sockets and, where the pair can know it (DEALER/ROUTER), waits for a server to answer. PUSH and PUB
   * accept work before a peer is there, so for them this is the same as {@link open}.
   * @throws BindFailedError, PeerUnreachableError after `connectTimeoutMs`, AuthenticationFailedError at once when the
   * handshake fails over keys (the client still tries again in the background)
   */
  override async connect(): Promise<void> {
    if (this.sender.state === 'connected' && this.closing === undefined) {
      return;
    }
    await this.open();
    if (this.pair === 'dealer-router') {
      await this.untilConnected();
    }
  }

  /**
   * Reads the CURVE keys again (calls their functions), or takes those given. When they changed, new sockets replace the open
   * ones: waiting events go out over them, requests without an answer fail. ZeroMQ still sends what it had already taken while
   * the server accepts the old keys, so change the keys here before the server does.
   * @returns whether anything changed
   * @throws InvalidOptionsError and what a function throws, both without any change; UnsupportedOperationError without
   * CURVE
   */
  async rotateKeys(next: Partial<CurveClientOptions> = {}): Promise<boolean> {
    const hasChanged = this.security.refresh(next);
    if (hasChanged && this.closing === undefined) {
      await this.sender.renew();
    }
    return hasChanged;
  }

  override emit<TResult = undefined, TInput = unknown>(pattern: unknown, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) {
      // Nest's base class answers a packet without pattern or data.
      return super.emit<TResult, TInput>(pattern, data);
    }
    try {
      return this.observableOf(this.offer(pattern, data)) as Observable<TResult>;
    } catch (error) {
      return throwError(() => error);
    }
  }

  /**
   * Emits an event without an observable: the cheapest way to emit many. See `emit` for what it means.
   * @returns undefined when the event has reached the stage of `emitResolves`; else a promise that resolves when it has. You
   * may ignore it: it never causes an unhandled rejection
   * @throws OutboxFullError, EventTooLargeError, SerializationError, ClientClosedError; TypeError for a missing pattern or data
   */
  offer(pattern: unknown, data: unknown): Promise<void> | undefined {
    if (isMissing(pattern) || isMissing(data)) {
      throw new TypeError('an event has a pattern and data');
    }
    if (data instanceof ZmqRecord) {
      const { resolves = this.emitResolves } = data.options;
      checkStage(resolves, this.options.delivery);
      return this.acceptor.accept(packetOf(this, pattern, data.data as unknown), resolves);
    }
    return this.acceptor.accept(packetOf(this, pattern, data), this.emitResolves);
  }

  /**
   * Emits an event and lets you follow it: to when it is stored, and to when the server has handled it.
   * @throws UnsupportedOperationError for a client without acknowledged delivery; else what `emit` fails with
   */
  async deliver(pattern: unknown, data: unknown): Promise<Delivery> {
    const { producer } = this;
    if (producer === undefined) {
      throw new UnsupportedOperationError('deliver() needs acknowledged delivery: set `delivery`');
    }
    return this.acceptor.follow(packetOf(this, pattern, data), (part, bytes) => producer.follow(part, bytes));
  }

  /** As Nest's `send`, but skips `connect()` while a server is there. */
  override send<TResult = unknown, TInput = unknown>(pattern: unknown, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) {
      return super.send<TResult, TInput>(pattern, data);
    }
    return new Observable((observer) => {
      if (this.closing !== undefined) {
        // Nest's `send` would open the client again.
        observer.error(new ClientClosedError());
        return undefined;
      }
      return this.sender.state === 'connected'
        ? this.publish(packetOf(this, pattern, data), this.createObserver(observer))
        : super.send<TResult, TInput>(pattern, data).subscribe(observer);
    });
  }

  /**
   * Measures a round trip to a server.
   * @returns seconds
   * @throws UnsupportedOperationError for pairs without a way back, PeerUnreachableError when none answers in time
   */
  async ping(timeoutMs = 1000): Promise<number> {
    if (this.pair !== 'dealer-router') {
      throw new UnsupportedOperationError(`${this.pair} cannot measure a round trip: nothing comes back`);
    }
    const dealer = this.sender.dealers.find(({ peers }) => peers > 0);
    if (dealer === undefined) {
      throw new PeerUnreachableError('no server is connected');
    }
    this.roundTripSeconds = await dealer.ping(timerMs('timeoutMs', timeoutMs, 1));
    return this.roundTripSeconds;
  }

  /**
   * Accepts nothing more, sends what waits, waits for its acknowledgements (acknowledged delivery) and closes the sockets;
   * takes at most `drainTimeoutMs`. It drops, counts and reports what is left then (durable delivery keeps it on disk).
   * Requests without an answer fail. Further calls give the same report.
   */
  override close(): Promise<ClientDrainReport> {
    // Runs in a later task: `closing` must be set before the callback of a failed request can send again.
    this.closing ??= Promise.resolve().then(() => this.drain());
    return this.closing;
  }

  override on<Key extends keyof ZmqClientEvents>(event: Key, callback: ZmqClientEvents[Key]): void {
    this.emitter.on(event as string, callback as (...args: unknown[]) => void);
  }

  /**
   * The zeromq.js sockets, one for each address (or one for all that are bound).
   * @throws NotOpenError before `connect()` or the first `emit`
   */
  override unwrap<T = Socket[]>(): T {
    if (this.sender.openSockets.length === 0) {
      throw new NotOpenError('call connect() first');
    }
    return this.sender.openSockets.map(({ socket }) => socket) as T;
  }

  stats(): ZmqClientStats {
    const { events, bytes, batches } = this.sender.sent;
    return {
      state: this.sender.state,
      peers: this.sender.peers,
      queuedEvents: this.outbox.queuedEvents + this.sender.pendingEvents,
      queuedBytes: this.outbox.queuedBytes,
      maxQueuedEvents: this.limits.maxEvents,
      maxQueuedBytes: this.limits.maxBytes,
      accepted: this.acceptor.accepted,
      sent: events,
      sentBytes: bytes,
      batches,
      reconnects: this.sender.reconnects,
      denials: this.sender.deniedCount,
      refusal: this.sender.refusalText,
      drops: this.acceptor.drops,
      pendingRequests: this.requests.count,
      roundTripSeconds: this.roundTripSeconds,
      delivery: this.producer?.stats(),
    };
  }

  /** Events of one batch share one promise, and so one observable. */
  private observableOf(reaching: Promise<void> | undefined): Observable<unknown> {
    if (reaching === undefined) {
      return ACCEPTED;
    }
    if (this.latest?.reaching !== reaching) {
      this.latest = { reaching, observable: from(reaching) };
    }
    return this.latest.observable;
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    await this.acceptor.accept(packet, this.emitResolves);
    return undefined as T;
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    if (this.pair !== 'dealer-router') {
      callback({
        err: new UnsupportedOperationError(`${this.pair} carries events only: no reply can come back`),
      });
      return () => undefined;
    }
    const record = packet.data instanceof ZmqRecord ? (packet.data as ZmqRecord) : undefined;
    const id = this.requests.add(callback, record?.options.timeoutMs ?? this.requestTimeoutMs);
    const request: ReadPacket = Object.assign(packet, { id }, record && { data: record.data });
    try {
      this.acceptor.acceptRequest(request, id)?.catch((error: unknown) => this.requests.fail(id, error));
    } catch (error) {
      this.requests.fail(id, error);
    }
    return () => {
      if (this.requests.remove(id)) {
        this.cancelOnServer(id);
      }
    };
  }

  private cancelOnServer(id: string): void {
    for (const dealer of this.sender.dealers) {
      dealer.cancel(id);
    }
  }

  /** The first packet opens the sockets. When that fails, the packet keeps waiting: `connect()` tries again. */
  private onQueued(): void {
    if (this.sender.state !== 'idle') {
      this.sender.notifyQueued();
      return;
    }
    this.sender.open().catch((error: unknown) => this.logger.error('the sockets could not be opened', error));
  }

  /** @throws PeerUnreachableError, AuthenticationFailedError, ProtocolRefusedError, ClientClosedError */
  private async untilConnected(): Promise<void> {
    const settled = this.status.pipe(
      first((state) => state === 'connected' || state === 'closed' || this.isRefusedForGood(state)),
      timeout({
        first: this.connectTimeoutMs,
        with: () =>
          throwError(() => new PeerUnreachableError(`no server answered within ${this.connectTimeoutMs} ms`)),
      }),
    );
    const state = await firstValueFrom(settled);
    if (state === 'closed') {
      throw new ClientClosedError();
    }
    if (state === 'refused') {
      const { denial } = this.sender;
      throw denial === undefined
        ? new ProtocolRefusedError(`the server refused this client: ${this.lastingRefusal ?? ''}`)
        : new AuthenticationFailedError(denial);
    }
  }

  /** False for a refusal that may pass, such as another instance with this producer's id: the client waits. */
  private isRefusedForGood(state: LinkState): boolean {
    return state === 'refused' && (this.sender.denial !== undefined || this.lastingRefusal !== undefined);
  }

  /** The server's words when its refusal lasts. */
  private get lastingRefusal(): string | undefined {
    return this.sender.dealers.find(({ handshake }) => handshake.isRefusedForGood)?.handshake.refusalText;
  }

  private async drain(): Promise<ClientDrainReport> {
    this.requests.failAll(() => new ClientClosedError());
    this.sender.dealers.forEach((dealer) => dealer.failPings(new ClientClosedError()));
    const report = await this.sender.drainAndClose(this.drainTimeoutMs);
    this.acceptor.countDrops('drain_timeout', report.dropped);
    this.emitter.emit('drained', report);
    return report;
  }

  private onStateChange(state: LinkState): void {
    this._status$.next(state);
    this.emitter.emit('state', state);
  }
}

function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** A `ZmqClient` that sends only what its contract says. */
export interface TypedZmqClient<C extends ZmqContract>
  extends Omit<ZmqClient, 'emit' | 'send'>, TypedSender<C> {}

/** Gives the same client the types of its contract; it does nothing at run time. */
export function typedClient<C extends ZmqContract>(client: ZmqClient): TypedZmqClient<C> {
  return client as TypedZmqClient<C>;
}
