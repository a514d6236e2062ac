import { setTimeout as delay } from 'node:timers/promises';
import type { MessageHandler, PacketMetadata } from '@nestjs/microservices';
import { isObservable, lastValueFrom, type Observable, Subject, takeUntil } from 'rxjs';
import type { RetryOptions } from '../options.js';
import { timerMs, wholeNumber } from '../whole-number.js';
import { HandlerTimeoutError } from '../errors.js';
import type { HandlerWatch } from './handler-watch.js';
import type { BatchOutcome, InFlight } from './in-flight.js';
import type { RejectedMessageReason } from './rejection.js';
import { type EventVerdict, ZmqBatchContext, type ZmqContext } from './zmq-context.js';

/** When a failing handler is called again. */
export class RetryPolicy {
  private readonly maxRetries: number;
  private readonly backoffMs: number;
  private readonly maxBackoffMs: number;
  private readonly isRetryable: (error: unknown) => boolean;

  /** @throws InvalidOptionsError */
  constructor(options: RetryOptions = {}) {
    this.maxRetries = wholeNumber('retry.maxRetries', options.maxRetries ?? 3);
    this.backoffMs = timerMs('retry.backoffMs', options.backoffMs ?? 50);
    this.maxBackoffMs = timerMs('retry.maxBackoffMs', options.maxBackoffMs ?? 1000);
    this.isRetryable = options.isRetryable ?? mayBeOver;
  }

  /** @param retries calls after the first so far. @returns the wait in milliseconds; undefined to give up. */
  waitMs(error: unknown, retries: number): number | undefined {
    // A call that did not end in time still runs: a second call would run beside it.
    const isOver = !(error instanceof HandlerTimeoutError);
    return isOver && retries < this.maxRetries && this.isRetryable(error)
      ? Math.min(this.backoffMs * 2 ** retries, this.maxBackoffMs)
      : undefined;
  }
}

/** Nest's message for an error that no filter knew; any other plain object is a deliberate answer. */
const UNKNOWN_EXCEPTION = 'Internal server error';

function mayBeOver(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) {
    return true;
  }
  if ('isRefusedEvent' in error) {
    return false;
  }
  return error instanceof Error || ('message' in error && error.message === UNKNOWN_EXCEPTION);
}

export interface HandlerCallsOptions {
  readonly inFlight: InFlight;
  /** Notices handlers that do not end. */
  readonly watch: HandlerWatch;
  /** Calls a handler: `EventServer.invoke`. */
  readonly invoke: (handler: MessageHandler, data: unknown, context: ZmqContext) => unknown;
  readonly reject: (
    reason: RejectedMessageReason,
    detail: string,
    content: unknown,
    receivedAtSeconds: number,
    cause?: unknown,
  ) => void;
  /** When the failed handler of an acknowledged event is called again. */
  readonly retry: RetryPolicy;
  /** A handler will be called again. */
  readonly onRetry: () => void;
}

/** The message that the events of a call come from. */
export interface Origin {
  /** The values of the message, or of those that were taken together. */
  readonly values: readonly unknown[];
  readonly receivedAtSeconds: number;
  /** Waits for the end of all handlers; only acknowledged batches have one. */
  readonly outcome: BatchOutcome | undefined;
  /** The partition that they were stored in; undefined for transports without. */
  readonly partition: number | undefined;
}

/** What one call of a handler with one event is about. */
interface EventCall {
  readonly handler: MessageHandler;
  readonly data: unknown;
  readonly context: ZmqContext;
  readonly place: number;
  readonly origin: Origin;
}

/** What one call of a batch handler is about. */
export interface BatchCall {
  readonly handler: MessageHandler;
  readonly pattern: string;
  readonly origin: Origin;
  readonly data: readonly unknown[];
  readonly metadata: readonly (PacketMetadata | undefined)[] | undefined;
  /** The place of each event; a number is the place of the first, the others follow it. */
  readonly places: number | readonly number[];
}

/** Events of a batch that failed, by their index in its call. */
type Failures = ReadonlyMap<number, unknown>;

/**
 * Calls handlers, again where that may help, and reports events that are not handled. Makes promises once a call, not once an
 * event.
 */
export class HandlerCalls {
  constructor(private readonly options: HandlerCallsOptions) {}

  /** Calls a handler with one event. Makes no promise of its own; a handler that ends at once costs nothing more. */
  one(handler: MessageHandler, data: unknown, context: ZmqContext, place: number, origin: Origin): void {
    this.options.inFlight.start();
    origin.outcome?.start();
    let result: unknown;
    try {
      result = this.options.invoke(handler, data, context);
    } catch (error) {
      void this.retryOrReject({ handler, data, context, place, origin, error });
      return;
    }
    if (isThenable(result) || isObservable(result)) {
      this.follow(result, { handler, data, context, place, origin });
    } else {
      this.end(origin, 1);
    }
  }

  /** Waits for the end of a handler that goes on. */
  private follow(result: PromiseLike<unknown> | Observable<unknown>, called: EventCall): void {
    const { watch } = this.options;
    const { context, origin } = called;
    const onFailed = (error: unknown): void => void this.retryOrReject({ ...called, error });
    let stop: Subject<void> | undefined;
    const call = watch.start(context.getPattern(), (error) => {
      onFailed(error);
      stop?.next();
    });
    const onEnded = (): void => {
      if (watch.end(call)) {
        this.end(origin, 1);
      }
    };
    const onEndedByError = (error: unknown): void => {
      if (watch.end(call)) {
        onFailed(error);
      }
    };
    const onValue = (value: unknown): void => {
      if (isObservable(value)) {
        stop = new Subject();
        this.last(value, stop, call?.isLate === true).then(onEnded, onEndedByError);
      } else {
        onEnded();
      }
    };
    if (isThenable(result)) {
      result.then(onValue, onEndedByError);
    } else {
      onValue(result);
    }
  }

  /**
   * Waits for the end of a handler's stream. Does not subscribe to a stream that came too late, and leaves one that runs too
   * long.
   */
  private async last(stream: Observable<unknown>, stop: Subject<void>, isLate: boolean): Promise<void> {
    if (!isLate) {
      await lastValueFrom(stream.pipe(takeUntil(stop)), { defaultValue: undefined });
    }
  }

  private end({ outcome }: Origin, events: number): void {
    this.options.inFlight.end(events);
    outcome?.end();
  }

  /** What follows a handler's first failure. Never rejects. */
  private async retryOrReject(failed: EventCall & { readonly error: unknown }): Promise<void> {
    const { handler, data, context, place, origin } = failed;
    let { error } = failed;
    for (let retries = 0; ; retries += 1) {
      const wait = origin.outcome === undefined ? undefined : this.waitToRetry([error], retries);
      if (wait === undefined) {
        this.reject(origin, 'handler_failed', messageOf(error), place, error);
        break;
      }
      if (!(await wait)) {
        origin.outcome?.giveUp();
        break;
      }
      try {
        await this.call(handler, data, context);
        break;
      } catch (again) {
        error = again;
      }
    }
    this.end(origin, 1);
  }

  private async call(handler: MessageHandler, data: unknown, context: ZmqContext): Promise<void> {
    const { invoke, watch } = this.options;
    const stop = new Subject<void>();
    await new Promise<void>((resolve, reject) => {
      const running = watch.start(context.getPattern(), (error) => {
        reject(error);
        stop.next();
      });
      const work = async (): Promise<void> => {
        const result = await invoke(handler, data, context);
        if (isObservable(result)) {
          await this.last(result, stop, running?.isLate === true);
        }
      };
      work().then(
        () => watch.end(running) && resolve(),
        (error: unknown) => watch.end(running) && reject(error as Error),
      );
    });
  }

  /** @returns undefined when another call would not help; false when the server closes before it */
  private waitToRetry(errors: Iterable<unknown>, retries: number): Promise<boolean> | undefined {
    let waitMs: number | undefined;
    for (const error of errors) {
      waitMs = this.options.retry.waitMs(error, retries) ?? waitMs;
    }
    return waitMs === undefined ? undefined : this.wait(waitMs);
  }

  private async wait(waitMs: number): Promise<boolean> {
    this.options.onRetry();
    await delay(waitMs, undefined, { ref: false });
    // Abandoned: its producer will send it again, and no handler may start any more.
    return !this.options.inFlight.isAbandoned;
  }

  /** Calls a batch handler, and again with the failed events for as long as the policy allows. Never rejects. */
  async batch(call: BatchCall): Promise<void> {
    const { origin, data } = call;
    this.options.inFlight.start(data.length);
    origin.outcome?.start();
    let current = call;
    for (let retries = 0; ; retries += 1) {
      const failures = await this.callBatch(current);
      if (failures === undefined) {
        break;
      }
      const [again, wait] = this.rejectHopeless(current, failures, retries);
      if (wait === undefined) {
        break;
      }
      if (!(await wait)) {
        origin.outcome?.giveUp();
        break;
      }
      current = again;
    }
    this.end(origin, data.length);
  }

  /** Calls a batch handler once, and reports the events it rejects. @returns those that failed; undefined when none did */
  private async callBatch(call: BatchCall): Promise<Failures | undefined> {
    const { handler, pattern, origin, data, metadata } = call;
    const context = new ZmqBatchContext(
      [pattern, origin.receivedAtSeconds, metadata?.[0], origin.partition],
      data.length,
      metadata,
    );
    let thrown: { readonly error: unknown } | undefined;
    try {
      await this.call(handler, data, context);
    } catch (error) {
      thrown = { error };
    }
    const verdicts = context.end();
    if (verdicts === undefined && thrown === undefined) {
      return undefined;
    }
    return this.failuresOf(call, verdicts ?? new Map<number, EventVerdict>(), thrown);
  }

  private failuresOf(
    call: BatchCall,
    verdicts: ReadonlyMap<number, EventVerdict>,
    thrown: { readonly error: unknown } | undefined,
  ): Failures | undefined {
    const failures = new Map<number, unknown>();
    for (const [index, { mayBeOver, detail, cause }] of verdicts) {
      if (mayBeOver) {
        failures.set(index, cause);
      } else {
        this.reject(call.origin, 'handler_failed', detail, placeOf(call, index), cause);
      }
    }
    if (thrown !== undefined) {
      for (let index = 0; index < call.data.length; index += 1) {
        if (!verdicts.has(index)) {
          failures.set(index, thrown.error);
        }
      }
    }
    return failures.size === 0 ? undefined : failures;
  }

  /** Rejects events that another call would not help. @returns the rest as a new call, and the wait before it */
  private rejectHopeless(
    call: BatchCall,
    failures: Failures,
    retries: number,
  ): [BatchCall, Promise<boolean> | undefined] {
    const { origin, data, metadata } = call;
    const { retry } = this.options;
    const kept: number[] = [];
    for (const [index, error] of failures) {
      if (origin.outcome !== undefined && retry.waitMs(error, retries) !== undefined) {
        kept.push(index);
      } else {
        this.reject(origin, 'handler_failed', messageOf(error), placeOf(call, index), error);
      }
    }
    kept.sort((a, b) => a - b);
    const again = {
      ...call,
      data: kept.map((index) => data[index]),
      metadata: metadata && kept.map((index) => metadata[index]),
      places: kept.map((index) => placeOf(call, index)),
    };
    return [
      again,
      this.waitToRetry(
        kept.map((index) => failures.get(index)),
        retries,
      ),
    ];
  }

  /** Rejects an event: it was not handled, and never will be. */
  reject(
    { values, receivedAtSeconds, outcome }: Origin,
    reason: RejectedMessageReason,
    detail: string,
    place: number,
    cause?: unknown,
  ): void {
    this.options.reject(reason, detail, values[place], receivedAtSeconds, cause);
    outcome?.fail(place, reason, detail);
  }
}

function placeOf({ places }: BatchCall, index: number): number {
  return typeof places === 'number' ? places + index : (places[index] ?? 0);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isRecord(value) && typeof value['then'] === 'function';
}

/** Nest's filters end a failed handler's stream with `{ status, message }`, which is no Error. */
export function messageOf(error: unknown): string {
  return isRecord(error) && typeof error['message'] === 'string' ? error['message'] : String(error);
}

export function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
