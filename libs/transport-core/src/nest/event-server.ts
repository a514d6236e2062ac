import { EventEmitter } from 'node:events';
import type { INestMicroservice } from '@nestjs/common';
import {
  type CustomTransportStrategy,
  type Deserializer,
  type MessageHandler,
  type MsPattern,
  Server,
} from '@nestjs/microservices';
import { finalize, isObservable } from 'rxjs';
import { type Codec, JsonCodec } from '../codec/codec.js';
import { HandlerCalls, RetryPolicy } from '../dispatch/handler-calls.js';
import { BATCH_EXTRA, HandlerRegistry, patternFault } from '../dispatch/handler-registry.js';
import { HandlerWatch } from '../dispatch/handler-watch.js';
import { InFlight } from '../dispatch/in-flight.js';
import { MessageReader } from '../dispatch/message-reader.js';
import { type BareEventDeserializer, PacketDispatcher } from '../dispatch/packet-dispatcher.js';
import { type RejectedMessage, RejectionLog } from '../dispatch/rejection.js';
import type { ZmqBatchContext, ZmqContext } from '../dispatch/zmq-context.js';
import { InvalidOptionsError } from '../errors.js';
import type { RetryOptions } from '../options.js';
import { ThrottledLog } from '../throttled-log.js';
import { timerMs, wholeNumber } from '../whole-number.js';
import { DirectHandlers, type HandlingApp } from './direct-handlers.js';
import { ZMQ_TRANSPORT } from './typed.js';

/** The server options about what it reads and how handlers run. */
export interface InboundOptions {
  /**
   * Turns a decoded value into Nest's packet `{ pattern, data }`. May be async. A `BareEventDeserializer`, which only gives the
   * pattern, costs nothing for an event.
   * @default the value itself
   */
  deserializer?: Deserializer | BareEventDeserializer;
  /** @default JSON */
  codec?: Codec;
  /**
   * Largest frame that the server reads, in bytes; it rejects a larger one as `oversize`.
   * @default 1048576 (1 MiB)
   */
  maxFrameBytes?: number;
  /**
   * Most events in one frame; the server rejects a longer batch as a whole, as `batch_size`.
   * @default 65536
   */
  maxBatchEvents?: number;
  /**
   * Most events whose handlers run at the same time. At the limit the server stops receiving, the socket fills, and senders
   * slow down: that is the flow control. Handlers start in the order of arrival. Requests do not count here.
   * @default 1024
   */
  maxInFlight?: number;
  /**
   * How long the handler of an event may take, in milliseconds. After that the server logs the handler's pattern, rejects its
   * event (`handler_failed`, a `HandlerTimeoutError`) without another try, gives its place to others, and unsubscribes from a
   * stream that it returned. 0 waits for ever: handlers that never end then stop the server at `maxInFlight`.
   * @default 30000, as long as a request waits for its answer
   */
  handlerTimeoutMs?: number;
  /**
   * How long `drain()` and `close()` keep receiving and wait for running handlers, in milliseconds.
   * @default 5000
   */
  drainTimeoutMs?: number;
  /** Called for every message or event that reached no handler, or whose handler failed. Must not throw. */
  onRejected?: (rejected: RejectedMessage) => void;
}

/**
 * The base of every transport's server: Nest's handlers and hooks, states and listeners, the way of a message to its
 * handlers, holding and draining.
 */
export abstract class EventServer<
  TEvents extends Record<string, (...args: never[]) => void>,
  TState extends string,
  TReport,
>
  extends Server<TEvents, TState>
  implements CustomTransportStrategy
{
  override readonly transportId = ZMQ_TRANSPORT;
  /** Handler failures are observed and reported here; Nest's own log of them would tell each twice. */
  override readonly propagatesEventHandlerErrors = true;

  protected readonly emitter = new EventEmitter();
  protected readonly handlers: HandlerRegistry;
  protected hasProcessingHook = false;
  private app: HandlingApp | undefined;
  protected abstract state: TState;
  /** Handlers of events. */
  protected readonly inFlight: InFlight;
  protected readonly rejections: RejectionLog;
  protected readonly reader: MessageReader;
  protected readonly dispatcher: PacketDispatcher;
  protected readonly drainTimeoutMs: number;
  protected isHeld = false;
  protected draining: Promise<TReport> | undefined;
  private readonly watch: HandlerWatch;

  /** @throws InvalidOptionsError */
  constructor(options: InboundOptions, retry: RetryOptions | undefined) {
    super();
    this.handlers = new HandlerRegistry({
      messageHandlers: this.messageHandlers,
      routeOf: (pattern) => this.getRouteFromPattern(pattern as string),
      textOf: (pattern) => this.getPatternAsString(pattern),
      logger: this.logger,
    });
    this.drainTimeoutMs = timerMs('drainTimeoutMs', options.drainTimeoutMs ?? 5000);
    this.inFlight = new InFlight(wholeNumber('maxInFlight', options.maxInFlight ?? 1024, 1));
    this.rejections = new RejectionLog(this.logger, options.onRejected);
    const lateLog = new ThrottledLog(this.logger);
    this.watch = new HandlerWatch(
      timerMs('handlerTimeoutMs', options.handlerTimeoutMs ?? 30_000),
      (pattern, { message }) =>
        lateLog.error(
          `"${pattern}": ${message}; its event counts as failed (${this.watch.hungCalls} handlers hang)`,
        ),
    );
    this.reader = new MessageReader(options.codec ?? new JsonCodec(), {
      maxFrameBytes: wholeNumber('maxFrameBytes', options.maxFrameBytes ?? 1024 * 1024, 1),
      maxBatchEvents: wholeNumber('maxBatchEvents', options.maxBatchEvents ?? 65_536, 1),
    });
    this.dispatcher = this.createDispatcher(options.deserializer, new RetryPolicy(retry));
  }

  private createDispatcher(
    deserializer: InboundOptions['deserializer'],
    retry: RetryPolicy,
  ): PacketDispatcher {
    const { handlers, inFlight, rejections, watch } = this;
    const calls = new HandlerCalls({
      watch,
      inFlight,
      invoke: (handler, data, context) => this.invoke(handler, data, context),
      reject: (reason, detail, content, receivedAtSeconds, cause) =>
        rejections.add({ reason, detail, content, receivedAtSeconds, cause }),
      retry,
      onRetry: () => this.countRetry(),
    });
    const hasProcessingHooks = (): boolean => this.hasProcessingHook;
    return new PacketDispatcher({ deserializer, inFlight, handlers, calls, hasProcessingHooks });
  }

  /** Starts to receive, unless held. Calls back once: without arguments, or with the error that {@link open} has. */
  override listen(callback: (error?: unknown) => void): void {
    this.open().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /**
   * Makes `listen` open but receive nothing before {@link release}: what is sent waits. Call it when the server listens before
   * the application is initialised; the transport's module does so.
   */
  hold(): void {
    this.isHeld = true;
  }

  /** Receives from now on. */
  release(): void {
    this.isHeld = false;
    this.onReleased();
  }

  /**
   * Receives nothing new, handles and answers what has arrived, and waits for running handlers; takes at most `drainTimeoutMs`. Call it
   * before the providers that handlers use are destroyed: Nest closes transports only after that (the transport's module calls it
   * for you). Further calls give the same report.
   */
  drain(): Promise<TReport> {
    this.draining ??= this.drainOnce();
    return this.draining;
  }

  /** Drains. No handler starts after this has resolved. */
  override async close(): Promise<void> {
    await this.drain();
  }

  protected abstract open(): Promise<void>;
  protected abstract onReleased(): void;
  protected abstract drainOnce(): Promise<TReport>;
  /** A handler is called again. */
  protected abstract countRetry(): void;

  /** What `stats()` says of handlers. */
  protected get handlerStats() {
    const { inFlight, rejections, watch } = this;
    return {
      inFlight: inFlight.count,
      lateHandlers: watch.lateCalls,
      hungHandlers: watch.hungCalls,
      rejected: rejections.rejected,
    };
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
    this.onHandler(key, isEventHandler);
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /**
   * Adds a batch handler for a pattern that no decorator can name, such as one from a file; also while the server runs.
   * @throws InvalidOptionsError for a pattern that no message can have
   */
  handleBatches(pattern: string, handle: (events: readonly unknown[], batch: ZmqBatchContext) => void): void {
    // Called without Nest's pipeline, as a handler that needs nothing of it.
    const handler = (events: readonly unknown[], batch: ZmqBatchContext): void => handle(events, batch);
    this.addHandler(pattern, handler as unknown as MessageHandler, true, { [BATCH_EXTRA]: true });
    this.onPatternAdded(pattern);
  }

  /**
   * Lets the server call handlers that need nothing of Nest's pipeline without it, at a third of the time: those without
   * guards, pipes, interceptors, filters and request scope, also global ones. The others keep the pipeline. Call it before
   * `listen`; the function that connects a server to a hybrid application does so.
   * @param app the microservice that was made with this server as its strategy
   */
  callDirectly(app: INestMicroservice): void {
    // `get` takes any token; a server asks for one.
    this.app = app as unknown as HandlingApp;
  }

  override on<Key extends keyof TEvents>(event: Key, callback: TEvents[Key]): void {
    this.emitter.on(event as string, callback as unknown as (...args: unknown[]) => void);
  }

  override setOnProcessingStartHook(hook: Parameters<Server['setOnProcessingStartHook']>[0]): void {
    this.hasProcessingHook = true;
    super.setOnProcessingStartHook(hook);
  }

  override setOnProcessingEndHook(hook: Parameters<Server['setOnProcessingEndHook']>[0]): void {
    this.hasProcessingHook = true;
    super.setOnProcessingEndHook(hook);
  }

  /** A handler that takes one message at a time is about to be registered. */
  protected abstract onHandler(key: string, isEventHandler: boolean): void;

  /** A pattern has a handler now. */
  protected onPatternAdded(_pattern: string): void {
    // Most transports bring every event, and find out then.
  }

  /** Call it once all handlers are registered. */
  protected freezeHandlers(): void {
    const direct = this.app && new DirectHandlers(this.app);
    this.handlers.freeze((handler) => direct?.of(handler) ?? handler);
  }

  /**
   * Calls a handler, with Nest's processing hooks around it where they are set.
   * @returns a promise, or at once the value or stream of a handler that is called without Nest's pipeline
   */
  protected invoke(handler: MessageHandler, data: unknown, context: ZmqContext): unknown {
    if (!this.hasProcessingHook) {
      return handler(data, context);
    }
    return new Promise((resolve, reject) => {
      // Not Nest's `runWithProcessingHooks`, which Nest 11 does not have.
      this.onProcessingStartHook(this.transportId, context, async () => {
        let isOver = false;
        const runEndHook = (): void => {
          if (!isOver) this.onProcessingEndHook?.(this.transportId, context);
          isOver = true;
        };
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

  protected setState(state: TState): void {
    this.state = state;
    this._status$.next(state);
    this.emitter.emit('state', state);
  }
}
