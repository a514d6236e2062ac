import { EventEmitter } from 'node:events';
import {
  type CustomTransportStrategy,
  type Deserializer,
  type MessageHandler,
  Server,
} from '@nestjs/microservices';
import type { Pull } from 'zeromq';
import { JsonCodec } from '../codec/json.codec.js';
import { NotOpenError } from '../errors/not-open.error.js';
import { resolveEndpoints } from '../socket/endpoints.js';
import { highWaterMark, socketSettings, wholeNumber } from '../socket/socket-settings.js';
import { ZMQ_TRANSPORT } from '../zmq.constants.js';
import type { ZmqServerOptions } from '../zmq.options.js';
import { EventDispatcher } from './event-dispatcher.js';
import { InboundLink, type InboundLinkOptions } from './inbound-link.js';
import { InFlight } from './in-flight.js';
import { MessageReader } from './message-reader.js';
import type { RejectedMessageReason } from './rejected-message.js';
import { RejectionLog } from './rejection-log.js';
import type { ServerDrainReport, ServerState, ZmqServerStats } from './server-stats.js';
import type { ZmqContext } from './zmq.context.js';

/** What `server.on` can listen to. */
export interface ZmqServerEvents extends Record<string, (...args: never[]) => void> {
  /** The server changed its state. */
  state: (state: ServerState) => void;
}

/**
 * A Nest transport strategy that pulls events from ZeroMQ and brings them to `@EventPattern` handlers.
 *
 * Handlers start in the order of arrival and run at the same time, up to `maxInFlight`. A message that cannot be
 * read, matches no handler, or whose handler fails is counted, reported to `onRejected`, and never stops the loop.
 */
export class ZmqServer extends Server<ZmqServerEvents, ServerState> implements CustomTransportStrategy {
  override readonly transportId = ZMQ_TRANSPORT;
  /** Handler failures are observed and reported here; Nest's own log of them would tell each twice. */
  override readonly propagatesEventHandlerErrors = true;

  private readonly emitter = new EventEmitter();
  private readonly linkOptions: InboundLinkOptions;
  private readonly drainTimeoutMs: number;
  private readonly inFlight: InFlight;
  private readonly rejections: RejectionLog;
  private readonly reader: MessageReader;
  private readonly dispatcher: EventDispatcher;
  private hasProcessingHook = false;
  private link: InboundLink | undefined;
  private draining: Promise<ServerDrainReport> | undefined;
  private state: ServerState = 'idle';
  private received = 0;

  /** @throws InvalidOptionsError */
  constructor(options: ZmqServerOptions) {
    super();
    this.linkOptions = {
      endpoints: resolveEndpoints(options),
      settings: socketSettings(options),
      receiveHighWaterMark: highWaterMark(options),
      maxMessageBytes: wholeNumber('maxMessageBytes', options.maxMessageBytes ?? 16 * 1024 * 1024, -1),
      onMessage: (frames, receivedAtSeconds) => this.handleMessage(frames, receivedAtSeconds),
      onFailed: (error) => this.fail(error),
    };
    this.drainTimeoutMs = wholeNumber('drainTimeoutMs', options.drainTimeoutMs ?? 5000);
    this.inFlight = new InFlight(wholeNumber('maxInFlight', options.maxInFlight ?? 1024, 1));
    this.rejections = new RejectionLog(this.logger, options.onRejected);
    this.reader = new MessageReader(options.codec ?? new JsonCodec(), {
      maxFrameBytes: wholeNumber('maxFrameBytes', options.maxFrameBytes ?? 1024 * 1024, 1),
      maxBatchEvents: wholeNumber('maxBatchEvents', options.maxBatchEvents ?? 65_536, 1),
    });
    this.dispatcher = this.createDispatcher(options.deserializer ?? identity);
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

  /** Binds (or connects) and starts to receive. Calls back once: without arguments, or with a {@link BindFailedError}. */
  override listen(callback: (error?: unknown) => void): void {
    this.open().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /**
   * Ends the intake: gives the addresses up, receives what has arrived, waits for running handlers; at most
   * `drainTimeoutMs`. Call it before providers that handlers use are destroyed (Nest closes transports after that).
   * Calling it again gives the same report.
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
   * The zeromq.js socket.
   * @throws NotOpenError before `listen`
   */
  override unwrap<T = Pull>(): T {
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

  stats(): ZmqServerStats {
    return {
      state: this.state,
      peers: this.link?.peers ?? 0,
      disconnects: this.link?.disconnects ?? 0,
      received: this.received,
      batches: this.link?.messages ?? 0,
      receivedBytes: this.link?.bytes ?? 0,
      inFlight: this.inFlight.count,
      rejected: this.rejections.rejected,
    };
  }

  private async open(): Promise<void> {
    this.link = new InboundLink(this.linkOptions);
    this.draining = undefined;
    try {
      await this.link.open();
    } catch (error) {
      this.link = undefined;
      throw error;
    }
    this.setState('listening');
  }

  private async drainOnce(): Promise<ServerDrainReport> {
    const receivedBefore = this.received;
    const deadline = Date.now() + this.drainTimeoutMs;
    this.setState('draining');
    const empty = (await this.link?.drain(this.drainTimeoutMs)) ?? true;
    await withDeadline(this.inFlight.untilNone(), deadline - Date.now());
    this.setState('closed');
    return { received: this.received - receivedBefore, inFlight: this.inFlight.count, empty };
  }

  private handleMessage(frames: readonly Buffer[], receivedAtSeconds: number): Promise<void> | undefined {
    const values = this.reader.read(frames);
    if (!('length' in values)) {
      this.rejections.add({ ...values, receivedAtSeconds });
      return undefined;
    }
    this.received += values.length;
    return this.dispatcher.dispatch(values, receivedAtSeconds);
  }

  private createDispatcher(deserializer: Deserializer): EventDispatcher {
    return new EventDispatcher({
      deserializer,
      inFlight: this.inFlight,
      handlerFor: (pattern) => this.handlerFor(pattern),
      patternText: (pattern) => this.getPatternAsString(pattern),
      invoke: (handler, data, context) => this.invoke(handler, data, context),
      reject: (reason: RejectedMessageReason, detail, content, receivedAtSeconds) =>
        this.rejections.add({ reason, detail, content, receivedAtSeconds }),
    });
  }

  /** A string pattern is its own route, so that the common case is one look-up; Nest parses the others. */
  private handlerFor(pattern: unknown): MessageHandler | undefined {
    const direct = typeof pattern === 'string' ? this.messageHandlers.get(pattern) : undefined;
    return direct ?? this.getHandlerByPattern(this.getPatternAsString(pattern)) ?? undefined;
  }

  private invoke(handler: MessageHandler, data: unknown, context: ZmqContext): Promise<unknown> {
    if (!this.hasProcessingHook) {
      return handler(data, context);
    }
    return new Promise((resolve, reject) => {
      this.runWithProcessingHooks(context, async (runEndHook) => {
        await Promise.resolve(handler(data, context)).then(resolve, reject);
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

const identity: Deserializer = { deserialize: (value: unknown) => value };

async function withDeadline(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, timeoutMs));
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
