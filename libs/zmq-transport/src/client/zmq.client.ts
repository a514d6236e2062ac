import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type Serializer, type WritePacket } from '@nestjs/microservices';
import { from, Observable, of, throwError } from 'rxjs';
import type { Socket } from 'zeromq';
import type { Codec } from '../codec/codec.interface.js';
import { JsonCodec } from '../codec/json.codec.js';
import type { CurveClientOptions } from '../curve/curve.options.js';
import { ClientSecurity } from '../curve/client-security.js';
import { ClientClosedError } from '../errors/client-closed.error.js';
import { NotOpenError } from '../errors/not-open.error.js';
import { PeerUnreachableError } from '../errors/peer-unreachable.error.js';
import { UnsupportedOperationError } from '../errors/unsupported-operation.error.js';
import { ZmqRecord } from '../record/zmq.record.js';
import { resolveEndpoints } from '../socket/endpoints.js';
import { highWaterMark, socketSettings, wholeNumber } from '../socket/socket-settings.js';
import type { SocketPair, ZmqClientOptions } from '../zmq.options.js';
import type { ClientDrainReport, LinkState, ZmqClientStats } from './client-stats.js';
import { untilConnected } from './connected.wait.js';
import { Outbox, type OutboxLimits } from './outbox.js';
import { outboxLimits } from './outbox-limits.js';
import { OutboundLink } from './outbound-link.js';
import { PacketAcceptor } from './packet-acceptor.js';
import { Pings } from './pings.js';
import { ReplyReader } from './reply-reader.js';
import { Requests } from './requests.js';

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
  private readonly limits: OutboxLimits;
  private readonly drainTimeoutMs: number;
  private readonly connectTimeoutMs: number;
  private readonly requestTimeoutMs: number;
  private readonly outbox: Outbox;
  private readonly security: ClientSecurity;
  private readonly link: OutboundLink;
  private readonly acceptor: PacketAcceptor;
  private readonly requests: Requests;
  private readonly pings: Pings;
  private closing: Promise<ClientDrainReport> | undefined;

  /** @throws InvalidOptionsError */
  constructor(options: ZmqClientOptions) {
    super();
    this.pair = options.pair ?? 'push-pull';
    this.limits = outboxLimits(options);
    this.drainTimeoutMs = wholeNumber('drainTimeoutMs', options.drainTimeoutMs ?? 5000);
    this.connectTimeoutMs = wholeNumber('connectTimeoutMs', options.connectTimeoutMs ?? 5000);
    this.requestTimeoutMs = wholeNumber('requestTimeoutMs', options.requestTimeoutMs ?? 30_000);
    this.outbox = new Outbox(this.limits);
    this.requests = new Requests(this.logger, (id) => this.cancelOnServer(id));
    this.pings = new Pings();
    const codec = options.codec ?? new JsonCodec();
    this.security = new ClientSecurity(options.curve, resolveEndpoints(options), this.logger);
    this.link = this.createLink(options, codec);
    this.acceptor = this.createAcceptor(options, codec);
    this._status$.next('idle');
  }

  /** The link's states, the current one first. Typed here and not by Nest's parameter, which `customClass` refuses. */
  override get status(): Observable<LinkState> {
    return super.status as Observable<LinkState>;
  }

  /** Whether anybody is at the other end, now. */
  get linkState(): LinkState {
    return this.link.state;
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
    await this.link.open();
  }

  /**
   * Opens the sockets and, where the pair can know it (DEALER/ROUTER), waits for a server to answer. PUSH and PUB
   * accept work before anybody is there, so for them this is the same as {@link open}.
   * @throws BindFailedError, PeerUnreachableError after `connectTimeoutMs`, AuthenticationFailedError at once when the
   * handshake fails over keys (it is tried again in the background all the same)
   */
  override async connect(): Promise<void> {
    if (this.link.state === 'connected' && this.closing === undefined) {
      return;
    }
    await this.open();
    if (this.pair === 'dealer-router') {
      await untilConnected(this.status, this.connectTimeoutMs, () => this.link.refusal);
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
    const hasChanged = this.security.refresh(next);
    if (hasChanged && this.closing === undefined) {
      await this.link.renew();
    }
    return hasChanged;
  }

  override emit<TResult = undefined, TInput = unknown>(pattern: unknown, data: TInput): Observable<TResult> {
    if (isMissing(pattern) || isMissing(data)) {
      // Nest's own answer to a packet without pattern or data.
      return super.emit<TResult, TInput>(pattern, data);
    }
    try {
      const accepting = this.acceptor.accept(this.createPacket(pattern, data));
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
      return this.link.state === 'connected'
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
    const lane = this.link.dealers.find(({ peers }) => peers > 0);
    if (lane === undefined) {
      throw new PeerUnreachableError('no server is connected');
    }
    return this.pings.start((token) => lane.ping(token), timeoutMs);
  }

  /**
   * Refuses what comes from now on, sends what waits, and closes the sockets; at most `drainTimeoutMs`. What is left
   * then is dropped, counted and reported; requests without an answer fail. Calling it again gives the same report.
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
    if (this.link.openLanes.length === 0) {
      throw new NotOpenError('call connect() first');
    }
    return this.link.openLanes.map(({ socket }) => socket) as T;
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
      accepted: this.acceptor.accepted,
      sent: events,
      sentBytes: bytes,
      batches,
      reconnects: this.link.reconnects,
      refusals: this.link.refusalCount,
      drops: this.acceptor.drops,
      pendingRequests: this.requests.count,
      roundTripSeconds: this.pings.lastSeconds,
    };
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    await this.acceptor.accept(packet);
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
    const id = this.requests.add(callback, record.options.timeoutMs ?? this.requestTimeoutMs);
    const request = { ...packet, data: record.data, id };
    try {
      this.acceptor.accept(request, id)?.catch((error: unknown) => this.requests.fail(id, error));
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
    for (const lane of this.link.dealers) {
      lane.cancel(id);
    }
  }

  /** The first packet opens the sockets. When that fails it keeps waiting: `connect()` can be tried again. */
  private onQueued(): void {
    if (this.link.state !== 'idle') {
      this.link.notifyQueued();
      return;
    }
    this.link.open().catch((error: unknown) => this.logger.error('the sockets could not be opened', error));
  }

  private async drain(): Promise<ClientDrainReport> {
    this.requests.failAll(() => new ClientClosedError());
    this.pings.failAll(new ClientClosedError());
    const report = await this.link.drainAndClose(this.drainTimeoutMs);
    this.acceptor.countDrops('drain_timeout', report.dropped);
    this.emitter.emit('drained', report);
    return report;
  }

  private createLink(options: ZmqClientOptions, codec: Codec): OutboundLink {
    const replies = new ReplyReader(codec, options.deserializer, this.requests, this.pings, this.logger);
    return new OutboundLink(this.outbox, {
      pair: this.pair,
      endpoints: resolveEndpoints(options),
      settings: {
        socket: { ...socketSettings(options), sendHighWaterMark: highWaterMark(options) },
        maxMessageBytes: 16 * this.limits.maxFrameBytes,
      },
      codec,
      replies,
      security: this.security,
      onStateChange: (state) => {
        this._status$.next(state);
        this.emitter.emit('state', state);
      },
      onBroken: (error) => this.logger.error('a socket failed; its packets wait for another', error),
      onUnwanted: (packets) => this.acceptor.countDrops('no_subscriber', packets),
      onBatchSent: options.onBatchSent,
    });
  }

  private createAcceptor(options: ZmqClientOptions, codec: Codec): PacketAcceptor {
    const hasTopics = this.pair === 'pub-sub';
    return new PacketAcceptor({
      serializer: options.serializer ?? identity,
      codec,
      outbox: this.outbox,
      limits: this.limits,
      logger: this.logger,
      topicOf: ({ pattern }) => (hasTopics ? this.normalizePattern(pattern as string) : ''),
      keepsTimes: options.onBatchSent !== undefined,
      isClosed: () => this.closing !== undefined,
      onQueued: () => this.onQueued(),
    });
  }
}

const identity: Serializer = { serialize: (value: unknown) => value };

function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
