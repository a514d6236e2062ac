import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { from, Observable, of, throwError } from 'rxjs';
import type { Socket } from 'zeromq';
import {
  type Delivery,
  type EmitStage,
  ClientClosedError,
  ZmqRecord,
  timerMs,
  UnsupportedOperationError,
} from '@app/transport-core';
import { checkStage, emitStage } from '../acknowledged/producer/delivery.factory.js';
import type { CurveClientOptions } from '../curve/curve.options.js';
import { NotOpenError, PeerUnreachableError } from '../errors.js';
import type { SocketPair, ZmqClientOptions } from '../zmq.options.js';
import { type ClientParts, createClientParts } from './client-parts.js';
import type { ClientDrainReport, LinkState, ZmqClientStats } from './client-stats.js';
import { untilConnected } from './connected.wait.js';
import { refusalOf } from './link-refusal.js';

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
 * A Nest `ClientProxy` over ZeroMQ.
 *
 * `emit` puts an event into a bounded outbox and answers at once: its observable completes when the event was
 * accepted and fails when it was refused (`OutboxFullError`, `EventTooLargeError`, `SerializationError`,
 * `ClientClosedError`). It never waits for a peer, so a slow or absent one cannot slow the producer.
 * `send` needs the DEALER/ROUTER pair; without a server it fails with `PeerUnreachableError`.
 */
export class ZmqClient extends ClientProxy<ZmqClientEvents> {
  private readonly logger = new Logger(ZmqClient.name);
  private readonly emitter = new EventEmitter();
  private readonly pair: SocketPair;
  private readonly drainTimeoutMs: number;
  private readonly connectTimeoutMs: number;
  private readonly requestTimeoutMs: number;
  private readonly emitResolves: EmitStage;
  private readonly parts: ClientParts;
  private closing: Promise<ClientDrainReport> | undefined;

  /** @throws InvalidOptionsError */
  constructor(private readonly options: ZmqClientOptions) {
    super();
    this.pair = options.pair ?? 'push-pull';
    this.drainTimeoutMs = timerMs('drainTimeoutMs', options.drainTimeoutMs ?? 5000);
    this.connectTimeoutMs = timerMs('connectTimeoutMs', options.connectTimeoutMs ?? 5000);
    this.requestTimeoutMs = timerMs('requestTimeoutMs', options.requestTimeoutMs ?? 30_000);
    this.emitResolves = emitStage(options);
    this.parts = createClientParts(options, {
      logger: this.logger,
      topicOf: (pattern) => this.normalizePattern(pattern as string),
      onStateChange: (state) => this.onStateChange(state),
      onRequestTimeout: (id) => this.cancelOnServer(id),
      onQueued: () => this.onQueued(),
      isClosed: () => this.closing !== undefined,
    });
    this._status$.next('idle');
  }

  /** The link's states, the current one first. Typed here and not by Nest's parameter, which `customClass` refuses. */
  override get status(): Observable<LinkState> {
    return super.status as Observable<LinkState>;
  }

  /** Whether anybody is at the other end, now. */
  get linkState(): LinkState {
    return this.parts.link.state;
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
    await this.parts.link.open();
  }

  /**
   * Opens the sockets and, where the pair can know it (DEALER/ROUTER), waits for a server to answer. PUSH and PUB
   * accept work before anybody is there, so for them this is the same as {@link open}.
   * @throws BindFailedError, PeerUnreachableError after `connectTimeoutMs`, AuthenticationFailedError at once when the
   * handshake fails over keys (it is tried again in the background all the same)
   */
  override async connect(): Promise<void> {
    if (this.parts.link.state === 'connected' && this.closing === undefined) {
      return;
    }
    await this.open();
    if (this.pair === 'dealer-router') {
      await untilConnected(this.status, this.connectTimeoutMs, {
        byKeys: () => this.parts.link.refusal,
        byServer: () =>
          this.parts.link.dealers.find(({ greeting }) => greeting.isRefusedForGood)?.greeting.refusalText,
      });
    }
  }

  /**
   * Reads the CURVE keys again (their functions are called), or takes others in their place. When they changed, new
   * sockets take the place of the open ones: events that wait go out over them, requests without an answer fail. What
   * ZeroMQ had already taken is still sent while the server accepts the old keys: so change here before the server does.
   * @returns whether anything changed
   * @throws InvalidOptionsError and what a function throws, both without any change; UnsupportedOperationError without
   * CURVE
   */
  async rotateKeys(next: Partial<CurveClientOptions> = {}): Promise<boolean> {
    const hasChanged = this.parts.security.refresh(next);
    if (hasChanged && this.closing === undefined) {
      await this.parts.link.renew();
    }
    return hasChanged;
  }

  override emit<TResult = undefined, TInput = unknown>(pattern: unknown, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) {
      // Nest's own answer to a packet without pattern or data.
      return super.emit<TResult, TInput>(pattern, data);
    }
    try {
      const accepting = this.acceptEvent(pattern, data);
      if (accepting === undefined) {
        return ACCEPTED as Observable<TResult>;
      }
      // An event is on its way whether or not anybody subscribes: its refusal must not be an unhandled rejection.
      accepting.catch(() => undefined);
      return from(accepting as Promise<unknown>) as Observable<TResult>;
    } catch (error) {
      return throwError(() => error);
    }
  }

  /**
   * Emits an event and tells its way: when it is stored, and when the server has handled it.
   * @throws UnsupportedOperationError for a client without acknowledged delivery; else what `emit` fails with
   */
  async deliver(pattern: unknown, data: unknown): Promise<Delivery> {
    if (this.parts.delivery === undefined) {
      throw new UnsupportedOperationError('deliver() needs acknowledged delivery: set `delivery`');
    }
    return this.parts.acceptor.follow(this.createPacket(pattern, data), this.parts.delivery);
  }

  /** As Nest's own, without the detour through `connect()` while a server is there. */
  override send<TResult = unknown, TInput = unknown>(pattern: unknown, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) {
      return super.send<TResult, TInput>(pattern, data);
    }
    return new Observable((observer) => {
      if (this.closing !== undefined) {
        // Nest's own would open the client again.
        observer.error(new ClientClosedError());
        return undefined;
      }
      return this.parts.link.state === 'connected'
        ? this.publish(this.createPacket(pattern, data), this.createObserver(observer))
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
      throw new UnsupportedOperationError(`${this.pair} has no way back`);
    }
    const lane = this.parts.link.dealers.find(({ peers }) => peers > 0);
    if (lane === undefined) {
      throw new PeerUnreachableError('no server is connected');
    }
    return this.parts.pings.start((token) => lane.ping(token), timerMs('timeoutMs', timeoutMs, 1));
  }

  /**
   * Refuses what comes from now on, sends what waits, with acknowledged delivery waits for the acknowledgements, and
   * closes the sockets; at most `drainTimeoutMs`. What is left then is dropped (durable delivery keeps it on disk),
   * counted and reported; requests without an answer fail. Calling it again gives the same report.
   */
  override close(): Promise<ClientDrainReport> {
    // In a task of its own: `closing` has to stand before a failed request's callback can send again.
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
    if (this.parts.link.openLanes.length === 0) {
      throw new NotOpenError('call connect() first');
    }
    return this.parts.link.openLanes.map(({ socket }) => socket) as T;
  }

  stats(): ZmqClientStats {
    const { events, bytes, batches } = this.parts.link.totals;
    return {
      state: this.parts.link.state,
      peers: this.parts.link.peers,
      queuedEvents: this.parts.outbox.queuedEvents + this.parts.link.pendingEvents,
      queuedBytes: this.parts.outbox.queuedBytes,
      maxQueuedEvents: this.parts.limits.maxEvents,
      maxQueuedBytes: this.parts.limits.maxBytes,
      accepted: this.parts.acceptor.accepted,
      sent: events,
      sentBytes: bytes,
      batches,
      reconnects: this.parts.link.reconnects,
      refusals: this.parts.link.refusalCount,
      refusal: refusalOf(this.parts.link),
      drops: this.parts.acceptor.drops,
      pendingRequests: this.parts.requests.count,
      roundTripSeconds: this.parts.pings.lastSeconds,
      delivery: this.parts.delivery?.stats(),
    };
  }

  private acceptEvent(pattern: unknown, data: unknown): Promise<void> | undefined {
    if (data instanceof ZmqRecord) {
      const { resolves = this.emitResolves } = data.options;
      checkStage(resolves, this.options.delivery);
      return this.parts.acceptor.accept(
        this.createPacket(pattern, data.data as unknown),
        undefined,
        resolves,
      );
    }
    return this.parts.acceptor.accept(this.createPacket(pattern, data), undefined, this.emitResolves);
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    await this.parts.acceptor.accept(packet, undefined, this.emitResolves);
    return undefined as T;
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    if (this.pair !== 'dealer-router') {
      callback({
        err: new UnsupportedOperationError(
          `${this.pair} carries events only: it has no way back for a reply`,
        ),
      });
      return () => undefined;
    }
    const record = packet.data instanceof ZmqRecord ? packet.data : new ZmqRecord<unknown>(packet.data);
    const id = this.parts.requests.add(callback, record.options.timeoutMs ?? this.requestTimeoutMs);
    const request = { ...packet, data: record.data, id };
    try {
      this.parts.acceptor.accept(request, id)?.catch((error: unknown) => this.parts.requests.fail(id, error));
    } catch (error) {
      this.parts.requests.fail(id, error);
    }
    return () => {
      if (this.parts.requests.remove(id)) {
        this.cancelOnServer(id);
      }
    };
  }

  private cancelOnServer(id: string): void {
    for (const lane of this.parts.link.dealers) {
      lane.cancel(id);
    }
  }

  /** The first packet opens the sockets. When that fails it keeps waiting: `connect()` can be tried again. */
  private onQueued(): void {
    if (this.parts.link.state !== 'idle') {
      this.parts.link.notifyQueued();
      return;
    }
    this.parts.link
      .open()
      .catch((error: unknown) => this.logger.error('the sockets could not be opened', error));
  }

  private async drain(): Promise<ClientDrainReport> {
    this.parts.requests.failAll(() => new ClientClosedError());
    this.parts.pings.failAll(new ClientClosedError());
    const report = await this.parts.link.drainAndClose(this.drainTimeoutMs);
    this.parts.acceptor.countDrops('drain_timeout', report.dropped);
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
