import { EventEmitter } from 'node:events';
import type { INestMicroservice } from '@nestjs/common';
import {
  type CustomTransportStrategy,
  type MessageHandler,
  type MsPattern,
  Server,
} from '@nestjs/microservices';
import { finalize, isObservable } from 'rxjs';
import { BATCH_EXTRA, HandlerRegistry, patternFault } from '../dispatch/handler-registry.js';
import type { ZmqContext } from '../dispatch/zmq.context.js';
import { InvalidOptionsError } from '../errors.js';
import { DirectHandlers, type HandlingApp } from './direct-handlers.js';
import { ZMQ_TRANSPORT } from './typed.js';

/** What Nest asks of every server of ours, whatever its events come from: handlers, processing hooks, states, listeners. */
export abstract class EventServer<
  TEvents extends Record<string, (...args: never[]) => void>,
  TState extends string,
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

  constructor() {
    super();
    this.handlers = new HandlerRegistry({
      messageHandlers: this.messageHandlers,
      routeOf: (pattern) => this.getRouteFromPattern(pattern as string),
      textOf: (pattern) => this.getPatternAsString(pattern),
      logger: this.logger,
    });
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

  protected setState(state: TState): void {
    this.state = state;
    this._status$.next(state);
    this.emitter.emit('state', state);
  }
}
