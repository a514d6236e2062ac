import { performance } from 'node:perf_hooks';
import type { Readable, Socket } from 'zeromq';
import { EventServer, InFlight, JsonCodec, wholeNumber } from '@app/transport-core';
import { AcknowledgedConsumer } from '../acknowledged/consumer/consumer.js';
import type { CurveServerOptions } from '../curve/keys.js';
import { ServerSecurity } from '../curve/server-curve.js';
import { NotOpenError } from '../errors.js';
import { type ResolvedEndpoints, resolveEndpoints } from '../sockets/endpoints.js';
import { highWaterMark, type SocketPair, socketSettings } from '../sockets/socket-settings.js';
import type { ZmqServerOptions } from '../zmq-options.js';
import { PayloadIntake } from './intake.js';
import { createInboundSocket, Receiver, type InboundSocketSettings, subscribeTo } from './receiver.js';
import { createIntake, type IntakeOptions, type PairIntake } from './router-intake.js';
import type { ServerDrainReport, ServerState, ZmqServerEvents, ZmqServerStats } from './server-stats.js';

/** Waits for `work`, at most until `deadline` (by `performance.now()`, which no change of the clock moves). */
async function withDeadline(work: Promise<void>, deadline: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

const DEFAULT_REPLY_BYTES = 64 * 1024 * 1024;

/** How much of a drain's time, at most, is kept for telling callers that no more answers will come. */
const LAST_ANSWERS_MS = 200;

/**
 * A Nest transport strategy that receives from ZeroMQ and brings events and requests to their handlers.
 *
 * Handlers start in the order of arrival and run at the same time, up to `maxInFlight`. A message that cannot be
 * read, matches no handler, or whose handler fails is counted, reported to `onRejected`, and never stops the loop.
 */
export class ZmqServer extends EventServer<ZmqServerEvents, ServerState, ServerDrainReport> {
  private readonly pair: SocketPair;
  private readonly endpoints: ResolvedEndpoints;
  private readonly settings: InboundSocketSettings;
  /**
   * Requests are bounded for each peer and not by `maxInFlight`: hanging requests would keep the loop from reading the CANCELs
   * that end them.
   */
  private readonly requestsInFlight = new InFlight(Number.POSITIVE_INFINITY);
  private readonly security: ServerSecurity;
  private readonly consumer: AcknowledgedConsumer;
  /** For each socket that is opened. */
  private readonly createPairIntake: (socket: Socket) => PairIntake;
  /** What the server itself counts. */
  private readonly counts = { received: 0, missed: 0, failedRequests: 0, droppedReplies: 0 };
  private receiver: Receiver | undefined;
  private subscribe: ((pattern: string) => void) | undefined;
  private pairIntake: PairIntake | undefined;
  protected override state: ServerState = 'idle';

  /** @throws InvalidOptionsError */
  constructor(options: ZmqServerOptions) {
    super(options, options.delivery?.retry);
    this.pair = options.pair ?? 'push-pull';
    this.endpoints = resolveEndpoints(options);
    this.security = new ServerSecurity(options.curve, this.endpoints, this.logger);
    this.settings = {
      ...socketSettings(options),
      receiveHighWaterMark: highWaterMark(options),
      maxMessageSize: wholeNumber('maxMessageBytes', options.maxMessageBytes ?? 16 * 1024 * 1024, -1),
    };
    const payload = this.createPayloadIntake();
    this.consumer = new AcknowledgedConsumer({
      handle: (batch) => payload.handle(batch),
      options: options.delivery ?? {},
      logger: this.logger,
    });
    const settings = this.intakeSettings(options);
    this.createPairIntake = (socket) => createIntake(this.pair, socket, payload, settings);
    this._status$.next(this.state);
  }

  /** True only while messages are being received: false before `listen`, once a drain ends, and when the socket broke. */
  get isReceiving(): boolean {
    return this.receiver?.isReceiving ?? false;
  }

  /** The addresses that are bound; instead of a `*` port, the port that was chosen. Empty for a server that connects. */
  get boundAddresses(): readonly string[] {
    return this.receiver?.boundAddresses ?? [];
  }

  /**
   * Reads the CURVE keys again (calls their functions), or takes those given. When a connected client is not allowed any more,
   * or the server's own pair changed, this ends all connections, and clients that are still allowed reconnect. Events on the
   * network at that moment are lost unless their delivery is acknowledged.
   * @returns whether connections were ended
   * @throws InvalidOptionsError and what a function throws, both without any change; UnsupportedOperationError without
   * CURVE, and for a server that connects; BindFailedError when an address cannot be bound again: the server receives no more
   */
  rotateKeys(next: Partial<CurveServerOptions> = {}): Promise<boolean> {
    return this.security.rotate(this.receiver, next);
  }

  /**
   * The zeromq.js socket.
   * @throws NotOpenError before `listen`
   */
  override unwrap<T = Socket & Readable>(): T {
    if (this.receiver === undefined) {
      throw new NotOpenError('call listen() first');
    }
    return this.receiver.socket as T;
  }

  /**
   * Runs `work` while no batch of acknowledged events is being handled. So `work` can change what handlers change, and a
   * `DeliveryLedger` never keeps half of either change.
   */
  runExclusive<T>(work: () => T | Promise<T>): Promise<T> {
    return this.consumer.runExclusive(work);
  }

  stats(): ZmqServerStats {
    const { handlerStats, receiver } = this;
    return {
      state: this.state,
      peers: receiver?.peers ?? 0,
      disconnects: receiver?.disconnects ?? 0,
      deniedPeers: this.security.deniedPeers,
      batches: receiver?.messages ?? 0,
      receivedBytes: receiver?.bytes ?? 0,
      ...handlerStats,
      inFlight: handlerStats.inFlight + this.requestsInFlight.count,
      runningRequests: this.pairIntake?.requests?.count ?? 0,
      ...this.counts,
      delivery: this.consumer.stats(),
    };
  }

  protected override countRetry(): void {
    this.consumer.countRetry();
  }

  protected override onReleased(): void {
    this.receiver?.release();
  }

  private createPayloadIntake(): PayloadIntake {
    const { counts, dispatcher, reader, rejections } = this;
    return new PayloadIntake({
      reader,
      dispatcher,
      onEvents: (count) => (counts.received += count),
      onUnreadable: (unreadable, receivedAtSeconds) => rejections.add({ ...unreadable, receivedAtSeconds }),
    });
  }

  private intakeSettings(options: ZmqServerOptions): IntakeOptions {
    const { consumer, counts, handlers } = this;
    return {
      consumer,
      handlers,
      inFlight: this.requestsInFlight,
      serializer: options.serializer ?? { serialize: (value: unknown) => value },
      codec: options.codec ?? new JsonCodec(),
      maxFrameBytes: this.reader.limits.maxFrameBytes,
      maxPendingPerPeer: wholeNumber('maxPendingRequests', options.maxPendingRequests ?? 1024, 1),
      maxReplyBytesPerPeer: wholeNumber(
        'maxPendingReplyBytes',
        options.maxPendingReplyBytes ?? DEFAULT_REPLY_BYTES,
        1,
      ),
      invoke: (handler, data, context) => this.invoke(handler, data, context),
      onFailed: () => (counts.failedRequests += 1),
      onDropped: (replies) => (counts.droppedReplies += replies),
      onMissed: (events) => (counts.missed += events),
    };
  }

  /** Binds or connects. @throws BindFailedError */
  protected override async open(): Promise<void> {
    this.draining = undefined;
    this.inFlight.reopen();
    await this.consumer.load();
    this.throwIfClosed();
    const socket = createInboundSocket(this.pair, { ...this.settings, ...this.security.settings() });
    const pairIntake = this.createPairIntake(socket);
    const receiver = new Receiver({
      socket,
      endpoints: this.endpoints,
      settings: this.settings,
      security: this.security,
      logger: this.logger,
      intake: pairIntake.intake,
      onFailed: (error) => this.fail(error),
      onPeerLost: () => this.consumer.onPeerLost(),
      isHeld: () => this.isHeld,
    });
    this.freezeHandlers();
    subscribeTo(socket, this.handlers.patterns);
    this.subscribe = (pattern) => subscribeTo(socket, [pattern]);
    await this.security.open(receiver);
    if (this.draining !== undefined) {
      await receiver.drain(0, () => Promise.resolve());
    }
    this.throwIfClosed();
    this.receiver = receiver;
    if (!this.isHeld) {
      receiver.release();
    }
    this.pairIntake = pairIntake;
    this.setState('listening');
  }

  /** The server was closed while it opened: it must stay closed. */
  private throwIfClosed(): void {
    if (this.draining !== undefined) {
      throw new NotOpenError('the server was closed before it listened');
    }
  }

  protected override async drainOnce(): Promise<ServerDrainReport> {
    const receivedBefore = this.counts.received;
    const deadline = performance.now() + this.drainTimeoutMs;
    this.setState('draining');
    this.consumer.takeNoMore();
    const giveUp = setTimeout(() => this.giveUp(), this.drainTimeoutMs);
    const empty = (await this.receiver?.drain(this.drainTimeoutMs, () => this.finishWork(deadline))) ?? true;
    clearTimeout(giveUp);
    this.giveUp();
    this.pairIntake?.close();
    this.security.close(this.settings.linger);
    this.setState('closed');
    return { received: this.counts.received - receivedBefore, inFlight: this.stats().inFlight, empty };
  }

  private giveUp(): void {
    this.inFlight.abandon();
    this.consumer.stop();
  }

  /** Lets what was received be handled and answered while the socket is still open. */
  private async finishWork(deadline: number): Promise<void> {
    await withDeadline(this.consumer.finish(), deadline);
    await withDeadline(this.inFlight.untilNone(), deadline);
    // Keeps some time to tell callers that still wait that no more answers will come.
    await withDeadline(
      this.requestsInFlight.untilNone(),
      deadline - Math.min(LAST_ANSWERS_MS, this.drainTimeoutMs / 10),
    );
    this.pairIntake?.requests?.giveUp();
    const intake = this.pairIntake?.intake;
    if (intake !== undefined && 'settled' in intake) {
      await withDeadline(intake.settled(), deadline);
    }
  }

  protected override onPatternAdded(pattern: string): void {
    this.subscribe?.(pattern);
  }

  protected override onHandler(key: string, isEventHandler: boolean): void {
    this.handlers.warnOfDuplicate(key, isEventHandler);
  }

  private fail(error: unknown): void {
    this.logger.error('the receive loop ended: the server receives nothing until it listens again', error);
    this.setState('failed');
  }
}
