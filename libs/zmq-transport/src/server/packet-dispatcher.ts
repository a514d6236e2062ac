import type { Deserializer, MessageHandler, PacketMetadata } from '@nestjs/microservices';
import { setTimeout as delay } from 'node:timers/promises';
import { isObservable, lastValueFrom } from 'rxjs';
import type { BatchOutcome } from '../delivery/batch-outcome.js';
import type { RetryPolicy } from '../delivery/retry-policy.js';
import type { HandlerRegistry, Route } from './handler-registry.js';
import type { InFlight } from './in-flight.js';
import type { RejectedMessageReason } from './rejected-message.js';
import { type EventVerdict, ZmqBatchContext, ZmqContext } from './zmq.context.js';

const CLOSED = 'the server closed before its turn';
/** Handlers that are started side by side before they get the chance to end. */
const SIDE_BY_SIDE = 4;
/** Turns of the microtask queue that Nest's pipeline takes for a handler that waits for nothing, with some to spare. */
const QUICK_TURNS = 32;

/** Nest's packet as a deserializer gives it; nothing about it can be trusted. */
export interface IncomingPacket {
  readonly pattern?: unknown;
  readonly data?: unknown;
  readonly id?: unknown;
  readonly metadata?: PacketMetadata;
}

/**
 * A deserializer for values that are events themselves and carry their pattern in themselves. A server that finds
 * `patternOf` asks it alone: nothing is made for an event, and a batch handler gets the array as it was decoded.
 */
export interface BareEventDeserializer extends Deserializer {
  /** The pattern of a value, which is then the data; undefined when it has none. */
  patternOf(value: unknown): unknown;
}

/** Where a message came from, when answers can go back there. */
export interface RequestSink {
  request(packet: IncomingPacket, pattern: string, receivedAtSeconds: number): void;
}

export interface PacketDispatcherOptions {
  /** None: the decoded value is the packet. */
  readonly deserializer: Deserializer | BareEventDeserializer | undefined;
  readonly inFlight: InFlight;
  readonly handlers: HandlerRegistry;
  /** Calls a handler, with Nest's processing hooks around it where they are set. */
  readonly invoke: (handler: MessageHandler, data: unknown, context: ZmqContext) => Promise<unknown>;
  /** Whether processing hooks are set: they may keep something for each context. */
  readonly hasProcessingHooks: () => boolean;
  readonly reject: (
    reason: RejectedMessageReason,
    detail: string,
    content: unknown,
    receivedAtSeconds: number,
    cause?: unknown,
  ) => void;
  /** When the failed handler of an acknowledged event is called again. */
  readonly retry: RetryPolicy;
  /** A handler is going to be called again. */
  readonly onRetry: () => void;
}

/** What is being brought to its handlers, and how far that is. */
interface Dispatch {
  readonly values: readonly unknown[];
  readonly receivedAtSeconds: number;
  /** Where answers go back to, where they can. */
  readonly sink: RequestSink | undefined;
  /** Who waits for the end of all handlers: only acknowledged batches have somebody. */
  readonly outcome: BatchOutcome | undefined;
  /** The place of the next value. */
  next: number;
  /** Neighbours for the same batch handler that it was not called with yet. */
  open: Group | undefined;
  /** The context of the event before, for those that would have an equal one. */
  context: ZmqContext | undefined;
  /** Whether the handlers so far waited for nothing. */
  isQuick: boolean;
  /** Events that ran before, and are not waited for. */
  calm: number;
}

/** Neighbouring events for the same batch handler. */
interface Group {
  readonly handler: MessageHandler;
  /** As it came, to be compared. */
  readonly key: unknown;
  readonly pattern: string;
  /** The place of its first event. */
  readonly first: number;
  /** Undefined while the values are the data. */
  readonly data: unknown[] | undefined;
  /** Made at the first event that has any. */
  metadata: (PacketMetadata | undefined)[] | undefined;
}

/** What one call of a batch handler is about. */
interface BatchCall {
  readonly handler: MessageHandler;
  readonly pattern: string;
  readonly dispatch: Dispatch;
  readonly data: readonly unknown[];
  readonly metadata: readonly (PacketMetadata | undefined)[] | undefined;
  /** The place of each event; a number is the place of the first, the others follow it. */
  readonly places: number | readonly number[];
}

/** Events of a batch that failed, by their index in its call. */
type Failures = ReadonlyMap<number, unknown>;

/**
 * Brings each value of a message to the Nest handler of its pattern. One bad value does not touch its neighbours. What
 * costs a promise is paid once for each call of a handler, and nothing at all beyond that.
 */
export class PacketDispatcher {
  private readonly bare: BareEventDeserializer | undefined;

  constructor(private readonly options: PacketDispatcherOptions) {
    const { deserializer } = options;
    this.bare = deserializer !== undefined && 'patternOf' in deserializer ? deserializer : undefined;
  }

  /** Events that may start before the limit of running handlers is reached; 0 or less when it is. */
  get room(): number {
    return this.options.inFlight.room;
  }

  /**
   * Starts the handlers of all values in their order; waits only where the limit of running handlers asks for it. With an
   * `outcome`, every value is brought to its end, with retries, and the outcome told.
   * @returns undefined when nothing had to be waited for
   */
  dispatch(
    values: readonly unknown[],
    receivedAtSeconds: number,
    sink?: RequestSink,
    outcome?: BatchOutcome,
  ): Promise<void> | undefined {
    const dispatch: Dispatch = {
      values,
      receivedAtSeconds,
      sink,
      outcome,
      next: 0,
      open: undefined,
      context: undefined,
      isQuick: true,
      calm: this.options.inFlight.count,
    };
    const wait = this.advance(dispatch);
    if (wait !== undefined) {
      return this.advanceAfter(wait, dispatch);
    }
    outcome?.dispatched();
    return undefined;
  }

  private async advanceAfter(first: Promise<void>, dispatch: Dispatch): Promise<void> {
    for (let wait: Promise<void> | undefined = first; wait !== undefined; wait = this.advance(dispatch)) {
      await wait;
    }
    dispatch.outcome?.dispatched();
  }

  /** Goes on with the values. @returns what has to be waited for before it can go on again; undefined at the end */
  private advance(dispatch: Dispatch): Promise<void> | undefined {
    const { values } = dispatch;
    while (dispatch.next < values.length) {
      const value = values[dispatch.next];
      if (this.bare !== undefined && this.continuesGroup(dispatch, value)) {
        dispatch.next += 1;
        continue;
      }
      const wait = this.untilNextMayStart(dispatch);
      if (wait !== undefined) {
        return wait;
      }
      dispatch.next += 1;
      const reading = this.take(dispatch, dispatch.next - 1, value);
      if (reading !== undefined) {
        return reading;
      }
    }
    this.flush(dispatch);
    return undefined;
  }

  /** Neighbours of a group whose data are the values themselves need nothing but this look. */
  private continuesGroup({ open }: Dispatch, value: unknown): boolean {
    return open !== undefined && open.data === undefined && this.patternOf(value) === open.key;
  }

  private untilNextMayStart(dispatch: Dispatch): Promise<void> | undefined {
    const { inFlight } = this.options;
    if (inFlight.isFull) {
      this.flush(dispatch);
      return inFlight.untilRoom();
    }
    if (dispatch.isQuick && inFlight.count >= dispatch.calm + SIDE_BY_SIDE && dispatch.open === undefined) {
      return this.untilQuickOnesEnd(dispatch);
    }
    return undefined;
  }

  private async untilQuickOnesEnd(dispatch: Dispatch): Promise<void> {
    const { inFlight } = this.options;
    dispatch.isQuick = await inFlight.untilQuickOnesEnd(dispatch.calm, QUICK_TURNS);
    dispatch.calm = Math.min(dispatch.calm, inFlight.count);
  }

  /** @returns a promise when the deserializer takes its time */
  private take(dispatch: Dispatch, place: number, value: unknown): Promise<void> | undefined {
    if (this.mayNotStart(dispatch)) {
      this.flush(dispatch, place);
      this.reject(dispatch, 'closing', CLOSED, place);
      return undefined;
    }
    try {
      if (this.bare !== undefined) {
        this.route(dispatch, place, this.bare.patternOf(value), value, undefined);
        return undefined;
      }
      const { deserializer } = this.options;
      const packet = (deserializer === undefined ? value : deserializer.deserialize(value)) as unknown;
      if (packet instanceof Promise) {
        return packet.then(
          (read) => this.routePacket(dispatch, place, read),
          (error: unknown) => this.rejectMalformed(dispatch, error, place),
        );
      }
      this.routePacket(dispatch, place, packet);
    } catch (error) {
      this.rejectMalformed(dispatch, error, place);
    }
    return undefined;
  }

  private rejectMalformed(dispatch: Dispatch, error: unknown, place: number): void {
    this.flush(dispatch, place);
    this.reject(dispatch, 'malformed', messageOf(error), place);
  }

  /** Half of a batch cannot be acknowledged: one that was begun is ended. */
  private mayNotStart({ outcome }: Dispatch): boolean {
    return this.options.inFlight.isAbandoned && outcome === undefined;
  }

  private patternOf(value: unknown): unknown {
    try {
      return this.bare?.patternOf(value);
    } catch {
      // It is asked again when the value's own turn comes, and what it throws is told then.
      return undefined;
    }
  }

  private routePacket(dispatch: Dispatch, place: number, read: unknown): void {
    const packet: IncomingPacket = isRecord(read) ? read : {};
    const { pattern, data, id } = packet;
    if (id !== undefined && dispatch.sink !== undefined && pattern !== undefined && pattern !== null) {
      const route = this.options.handlers.find(pattern);
      this.flush(dispatch, place);
      dispatch.sink.request(packet, route.pattern, dispatch.receivedAtSeconds);
      return;
    }
    this.route(dispatch, place, pattern, data, packet);
  }

  /** @param packet undefined when the value itself is the event */
  private route(
    dispatch: Dispatch,
    place: number,
    pattern: unknown,
    data: unknown,
    packet: IncomingPacket | undefined,
  ): void {
    if (pattern === undefined || pattern === null) {
      this.flush(dispatch, place);
      this.reject(dispatch, 'no_pattern', 'the packet has no pattern', place);
      return;
    }
    const route = this.options.handlers.find(pattern);
    if (route.batchHandler === undefined || route.batchHandler !== dispatch.open?.handler) {
      this.flush(dispatch, place);
    }
    if (route.handler === undefined && route.batchHandler === undefined) {
      this.reject(dispatch, 'no_handler', `nobody handles ${shorten(route.pattern)}`, place);
      return;
    }
    const metadata = packet?.metadata;
    if (route.handler !== undefined) {
      this.start(route.handler, data, this.contextOf(dispatch, route.pattern, metadata), place, dispatch);
    }
    if (route.batchHandler !== undefined) {
      this.gather(dispatch, place, route.batchHandler, route, pattern, data, packet);
    }
  }

  /** Events of one message whose contexts would be equal share one; what a hook keeps for each it keeps by its context. */
  private contextOf(dispatch: Dispatch, pattern: string, metadata: PacketMetadata | undefined): ZmqContext {
    const known = dispatch.context;
    if (
      known !== undefined &&
      metadata === undefined &&
      known.getMetadata() === undefined &&
      known.getPattern() === pattern &&
      !this.options.hasProcessingHooks()
    ) {
      return known;
    }
    dispatch.context = new ZmqContext([pattern, dispatch.receivedAtSeconds, metadata]);
    return dispatch.context;
  }

  private gather(
    dispatch: Dispatch,
    place: number,
    handler: MessageHandler,
    route: Route,
    key: unknown,
    data: unknown,
    packet: IncomingPacket | undefined,
  ): void {
    let { open } = dispatch;
    if (open?.handler !== handler || open.pattern !== route.pattern || open.data === undefined) {
      this.flush(dispatch, place);
      // With a single handler beside it, each value has to be looked at.
      const isRange = packet === undefined && route.handler === undefined;
      open = {
        handler,
        key,
        pattern: route.pattern,
        first: place,
        data: isRange ? undefined : [],
        metadata: undefined,
      };
      dispatch.open = open;
    }
    if (open.data === undefined) {
      return;
    }
    if (packet?.metadata !== undefined) {
      open.metadata ??= open.data.map(() => undefined);
    }
    open.data.push(data);
    open.metadata?.push(packet?.metadata);
  }

  /** Calls the batch handler of the open group: before a value that is not of it, and at the end. */
  private flush(dispatch: Dispatch, end = dispatch.next): void {
    const { open, values } = dispatch;
    if (open === undefined) {
      return;
    }
    dispatch.open = undefined;
    if (this.mayNotStart(dispatch)) {
      for (let place = open.first; place < end; place += 1) {
        this.reject(dispatch, 'closing', CLOSED, place);
      }
      return;
    }
    const { handler, pattern, first, metadata } = open;
    const whole = first === 0 && end === values.length;
    const data = open.data ?? (whole ? values : values.slice(first, end));
    void this.runBatch({ handler, pattern, dispatch, data, metadata, places: first });
  }

  /** Calls a handler with one event. Makes no promise beyond Nest's own. */
  private start(
    handler: MessageHandler,
    data: unknown,
    context: ZmqContext,
    place: number,
    dispatch: Dispatch,
  ): void {
    this.options.inFlight.start();
    dispatch.outcome?.start();
    const onFailed = (error: unknown): void => {
      void this.retryOrReject({ handler, data, context, place, dispatch, error });
    };
    let result: unknown;
    try {
      result = this.options.invoke(handler, data, context);
    } catch (error) {
      onFailed(error);
      return;
    }
    if (!isThenable(result)) {
      this.end(dispatch, 1);
      return;
    }
    result.then((value) => {
      if (isObservable(value)) {
        lastValueFrom(value, { defaultValue: undefined }).then(() => this.end(dispatch, 1), onFailed);
      } else {
        this.end(dispatch, 1);
      }
    }, onFailed);
  }

  private end({ outcome }: Dispatch, events: number): void {
    this.options.inFlight.end(events);
    outcome?.end();
  }

  /** What follows a handler's first failure. Never rejects. */
  private async retryOrReject(failed: {
    readonly handler: MessageHandler;
    readonly data: unknown;
    readonly context: ZmqContext;
    readonly place: number;
    readonly dispatch: Dispatch;
    readonly error: unknown;
  }): Promise<void> {
    const { handler, data, context, place, dispatch } = failed;
    let { error } = failed;
    for (let retries = 0; ; retries += 1) {
      const wait = dispatch.outcome === undefined ? undefined : this.waitToRetry([error], retries);
      if (wait === undefined) {
        this.reject(dispatch, 'handler_failed', messageOf(error), place, error);
        break;
      }
      if (!(await wait)) {
        dispatch.outcome?.giveUp();
        break;
      }
      try {
        await this.call(handler, data, context);
        break;
      } catch (again) {
        error = again;
      }
    }
    this.end(dispatch, 1);
  }

  private async call(handler: MessageHandler, data: unknown, context: ZmqContext): Promise<void> {
    const result = await this.options.invoke(handler, data, context);
    if (isObservable(result)) {
      await lastValueFrom(result, { defaultValue: undefined });
    }
  }

  /** @returns undefined when no failure may be over by the next call; false when the server closes before that */
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

  /** Calls a batch handler, again with what failed for as long as the policy allows. Never rejects. */
  private async runBatch(call: BatchCall): Promise<void> {
    const { dispatch, data } = call;
    this.options.inFlight.start(data.length);
    dispatch.outcome?.start();
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
        dispatch.outcome?.giveUp();
        break;
      }
      current = again;
    }
    this.end(dispatch, data.length);
  }

  /** Calls a batch handler once, and reports the events it rejects. @returns those that failed; undefined when none did */
  private async callBatch(call: BatchCall): Promise<Failures | undefined> {
    const { handler, pattern, dispatch, data, metadata } = call;
    const context = new ZmqBatchContext(
      [pattern, dispatch.receivedAtSeconds, metadata?.[0]],
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
        this.reject(call.dispatch, 'handler_failed', detail, placeOf(call, index), cause);
      }
    }
    for (let index = 0; thrown !== undefined && index < call.data.length; index += 1) {
      if (!verdicts.has(index)) {
        failures.set(index, thrown.error);
      }
    }
    return failures.size === 0 ? undefined : failures;
  }

  /** Rejects what no further call would change. @returns the rest as a call of its own, and the wait before it */
  private rejectHopeless(
    call: BatchCall,
    failures: Failures,
    retries: number,
  ): [BatchCall, Promise<boolean> | undefined] {
    const { dispatch, data, metadata } = call;
    const { retry } = this.options;
    const kept: number[] = [];
    for (const [index, error] of failures) {
      if (dispatch.outcome !== undefined && retry.waitMs(error, retries) !== undefined) {
        kept.push(index);
      } else {
        this.reject(dispatch, 'handler_failed', messageOf(error), placeOf(call, index), error);
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

  private reject(
    { values, receivedAtSeconds, outcome }: Dispatch,
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isRecord(value) && typeof value['then'] === 'function';
}

/** Nest's filters end a failed handler's stream with `{ status, message }`, which is no Error. */
function messageOf(error: unknown): string {
  return isRecord(error) && typeof error['message'] === 'string' ? error['message'] : String(error);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
