import { performance } from 'node:perf_hooks';
import { EventEmitter } from 'node:events';
import {
  type CustomTransportStrategy,
  type MessageHandler,
  type MsPattern,
  Server,
} from '@nestjs/microservices';
import { finalize, isObservable } from 'rxjs';
import type { Readable, Socket } from 'zeromq';
import {
  timerMs,
  wholeNumber,
  ZMQ_TRANSPORT,
  BATCH_EXTRA,
  HandlerRegistry,
  InFlight,
  RejectionLog,
  type ZmqContext,
  InvalidOptionsError,
  patternFault,
} from '@app/transport-core';
import type { CurveServerOptions } from '../curve/keys.js';
import { ServerSecurity } from '../curve/server-curve.js';
import { NotOpenError } from '../errors.js';
import { type ResolvedEndpoints, resolveEndpoints } from '../sockets/endpoints.js';
import { highWaterMark, socketSettings } from '../sockets/socket-settings.js';
import type { SocketPair } from '../sockets/socket-settings.js';
import type { ZmqServerOptions } from '../zmq.options.js';
import { InboundLink } from './inbound-link.js';
import { createInboundSocket, type InboundSocketSettings, subscribeTo } from './inbound-socket.js';
import type { PairIntake } from './intake/intake.factory.js';
import { createServerParts, type ServerCounts, type ServerParts } from './server-parts.js';
import type { ServerDrainReport, ServerState, ZmqServerEvents, ZmqServerStats } from './server-stats.js';
import { withDeadline } from './with-deadline.js';

/**
 * A Nest transport strategy that receives from ZeroMQ and brings events and requests to their handlers.
 *
 * Handlers start in the order of arrival and run at the same time, up to `maxInFlight`. A message that cannot be
 * read, matches no handler, or whose handler fails is counted, reported to `onRejected`, and never stops the loop.
 */
export class ZmqServer extends Server<ZmqServerEvents, ServerState> implements CustomTransportStrategy {
  override readonly transportId = ZMQ_TRANSPORT;
  /** Handler failures are observed and reported here; Nest's own log of them would tell each twice. */
  override readonly propagatesEventHandlerErrors = true;

  private readonly emitter = new EventEmitter();
  private readonly pair: SocketPair;
  private readonly endpoints: ResolvedEndpoints;
  private readonly settings: InboundSocketSettings;
  private readonly drainTimeoutMs: number;
  private readonly inFlight: InFlight;
  /**
   * Requests are bounded for each peer, not by `maxInFlight`: requests that hang would keep the loop from reading the
   * CANCELs that end them.
   */
  private readonly requestsInFlight = new InFlight(Number.POSITIVE_INFINITY);
  private readonly rejections: RejectionLog;
  private readonly security: ServerSecurity;
  private readonly handlers: HandlerRegistry;
  private readonly parts: ServerParts;
  private readonly counts: ServerCounts = { received: 0, missed: 0, failedRequests: 0, droppedReplies: 0 };
  private hasProcessingHook = false;
  private link: InboundLink | undefined;
  private pairIntake: PairIntake | undefined;
  private draining: Promise<ServerDrainReport> | undefined;
  private state: ServerState = 'idle';

  /** @throws InvalidOptionsError */
  constructor(options: ZmqServerOptions) {
    super();
    this.pair = options.pair ?? 'push-pull';
    this.endpoints = resolveEndpoints(options);
    this.security = new ServerSecurity(options.curve, this.endpoints, this.logger);
    this.settings = {
      ...socketSettings(options),
      receiveHighWaterMark: highWaterMark(options),
      maxMessageSize: wholeNumber('maxMessageBytes', options.maxMessageBytes ?? 16 * 1024 * 1024, -1),
    };
    this.drainTimeoutMs = timerMs('drainTimeoutMs', options.drainTimeoutMs ?? 5000);
    this.inFlight = new InFlight(wholeNumber('maxInFlight', options.maxInFlight ?? 1024, 1));
    this.rejections = new RejectionLog(this.logger, options.onRejected);
    this.handlers = new HandlerRegistry({
      messageHandlers: this.messageHandlers,
      routeOf: (pattern) => this.getRouteFromPattern(pattern as string),
      textOf: (pattern) => this.getPatternAsString(pattern),
      logger: this.logger,
    });
    this.parts = createServerParts(options, {
      logger: this.logger,
      handlers: this.handlers,
      inFlight: this.inFlight,
      requestsInFlight: this.requestsInFlight,
      rejections: this.rejections,
      counts: this.counts,
      invoke: (handler, data, context) => this.invoke(handler, data, context),
      hasProcessingHooks: () => this.hasProcessingHook,
      stream: (...args) => void this.send(...args),
      handle: (...args) => this.handleRequest(...args),
    });
    this._status$.next(this.state);
  }

  /** True only while messages are being received: false before `listen`, once a drain ends, and when the socket broke. */
  get isReceiving(): boolean {
    return this.link?.isReceiving ?? false;
  }

  /** The addresses that are bound; a `*` port is the one that was found. Empty for a server that connects. */
  get boundAddresses(): readonly string[] {
    return this.link?.boundAddresses ?? [];
  }

  /** @throws InvalidOptionsError for a pattern that no message can have */
  override addHandler(
    pattern: MsPattern,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const fault = patternFault(pattern);
    if (fault !== undefined) {
      throw new InvalidOptionsError(`the pattern ${String(pattern)} ${fault}`);
    }
    const key = this.normalizePattern(pattern);
    if (extras[BATCH_EXTRA] === true) {
      this.handlers.addBatchHandler(key, Object.assign(callback, { isEventHandler, extras }));
      return;
    }
    this.handlers.warnOfDuplicate(key, isEventHandler);
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Binds (or connects) and starts to receive. Calls back once: without arguments, or with a `BindFailedError`. */
  override listen(callback: (error?: unknown) => void): void {
    this.open().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /**
   * Ends the intake: gives the addresses up, receives what has arrived, waits for running handlers and for answers to
   * leave; at most `drainTimeoutMs`. Call it before providers that handlers use are destroyed (Nest closes transports
   * after that; `ZmqModule` does it for you). Calling it again gives the same report.
   */
  drain(): Promise<ServerDrainReport> {
    this.draining ??= this.drainOnce();
    return this.draining;
  }

  /** Drains. No handler starts after this has resolved. */
  override async close(): Promise<void> {
    await this.drain();
  }

  override on<Key extends keyof ZmqServerEvents>(event: Key, callback: ZmqServerEvents[Key]): void {
    this.emitter.on(event as string, callback as (...args: unknown[]) => void);
  }

  /**
   * Reads the CURVE keys again (their functions are called), or takes others in their place. When a client that came
   * in is not allowed any more, or the server's own pair is another, all connections end, and those who may come back
   * do: events that were on the network at that moment are lost unless their delivery is acknowledged.
   * @returns whether connections were ended
   * @throws InvalidOptionsError and what a function throws, both without any change; UnsupportedOperationError without
   * CURVE, and for a server that connects
   */
  rotateKeys(next: Partial<CurveServerOptions> = {}): Promise<boolean> {
    return this.security.rotate(this.link, next);
  }

  /**
   * The zeromq.js socket.
   * @throws NotOpenError before `listen`
   */
  override unwrap<T = Socket & Readable>(): T {
    if (this.link === undefined) {
      throw new NotOpenError('call listen() first');
    }
    return this.link.socket as T;
  }

  override setOnProcessingStartHook(hook: Parameters<Server['setOnProcessingStartHook']>[0]): void {
    this.hasProcessingHook = true;
    super.setOnProcessingStartHook(hook);
  }

  override setOnProcessingEndHook(hook: Parameters<Server['setOnProcessingEndHook']>[0]): void {
    this.hasProcessingHook = true;
    super.setOnProcessingEndHook(hook);
  }

  /**
   * Runs `work` while no batch of acknowledged events is being handled, so that it can change what handlers change too
   * without a `DeliveryLedger` keeping the half of either.
   */
  runExclusive<T>(work: () => T | Promise<T>): Promise<T> {
    return this.parts.delivery.runExclusive(work);
  }

  stats(): ZmqServerStats {
    return {
      state: this.state,
      peers: this.link?.peers ?? 0,
      disconnects: this.link?.disconnects ?? 0,
      refusedPeers: this.security.refusedPeers,
      batches: this.link?.messages ?? 0,
      receivedBytes: this.link?.bytes ?? 0,
      inFlight: this.inFlight.count + this.requestsInFlight.count,
      runningRequests: this.pairIntake?.requests?.count ?? 0,
      ...this.counts,
      delivery: this.parts.delivery.stats(),
      rejected: this.rejections.rejected,
    };
  }

  private async open(): Promise<void> {
    this.draining = undefined;
    this.inFlight.reopen();
    await this.parts.delivery.load();
    this.throwIfClosed();
    const socket = createInboundSocket(this.pair, { ...this.settings, ...this.security.settings() });
    const pairIntake = this.parts.createPairIntake(socket);
    const link = new InboundLink({
      socket,
      endpoints: this.endpoints,
      settings: this.settings,
      security: this.security,
      logger: this.logger,
      intake: pairIntake.intake,
      onFailed: (error) => this.fail(error),
      onPeerLost: () => this.parts.delivery.onPeerLost(),
    });
    this.handlers.freeze();
    subscribeTo(socket, this.handlers.patterns);
    await this.security.open(link);
    if (this.draining !== undefined) {
      await link.drain(0, () => Promise.resolve());
    }
    this.throwIfClosed();
    this.link = link;
    this.pairIntake = pairIntake;
    this.setState('listening');
  }

  /** Closed while it opened: it must not come back to life. */
  private throwIfClosed(): void {
    if (this.draining !== undefined) {
      throw new NotOpenError('the server was closed before it listened');
    }
  }

  private async drainOnce(): Promise<ServerDrainReport> {
    const receivedBefore = this.counts.received;
    const deadline = performance.now() + this.drainTimeoutMs;
    this.setState('draining');
    this.parts.delivery.takeNoMore();
    const giveUp = setTimeout(() => this.giveUp(), this.drainTimeoutMs);
    const empty = (await this.link?.drain(this.drainTimeoutMs, () => this.finishWork(deadline))) ?? true;
    clearTimeout(giveUp);
    this.giveUp();
    this.pairIntake?.close();
    this.security.close(this.settings.linger);
    this.setState('closed');
    return { received: this.counts.received - receivedBefore, inFlight: this.stats().inFlight, empty };
  }

  private giveUp(): void {
    this.inFlight.abandon();
    this.parts.delivery.stop();
  }

  /** What was received is to be handled, and answered, while the socket is still open. */
  private async finishWork(deadline: number): Promise<void> {
    await withDeadline(this.parts.delivery.finish(), deadline);
    await withDeadline(this.inFlight.untilNone(), deadline);
    await withDeadline(this.requestsInFlight.untilNone(), deadline);
    await withDeadline(this.pairIntake?.intake.settled() ?? Promise.resolve(), deadline);
  }

  private invoke(handler: MessageHandler, data: unknown, context: ZmqContext): Promise<unknown> {
    if (!this.hasProcessingHook) {
      return handler(data, context);
    }
    return new Promise((resolve, reject) => {
      this.runWithProcessingHooks(context, async (runEndHook) => {
        try {
          const result = await handler(data, context);
          if (isObservable(result)) {
            // What a handler streams is part of its work: the span ends with it.
            resolve(result.pipe(finalize(runEndHook)));
            return;
          }
          resolve(result);
        } catch (error) {
          reject(error);
        }
        runEndHook();
      });
    });
  }

  private fail(error: unknown): void {
    this.logger.error('the receive loop ended: nothing is received any more', error);
    this.setState('failed');
  }

  private setState(state: ServerState): void {
    this.state = state;
    this._status$.next(state);
    this.emitter.emit('state', state);
  }
}
