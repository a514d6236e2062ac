import type { Deserializer, MessageHandler, PacketMetadata } from '@nestjs/microservices';
import { type HandlerCalls, isRecord, messageOf, type Origin, shorten } from './handler-calls.js';
import type { HandlerRegistry, Route } from './handler-registry.js';
import type { BatchOutcome, InFlight } from './in-flight.js';
import type { RejectedMessageReason } from './rejection.js';
import { ZmqContext } from './zmq-context.js';

/** Nest's packet as a deserializer returns it; do not trust any of it. */
export interface IncomingPacket {
  readonly pattern?: unknown;
  readonly data?: unknown;
  readonly id?: unknown;
  readonly metadata?: PacketMetadata;
}

/**
 * A deserializer for values that are events themselves and contain their pattern. A server whose deserializer has `patternOf`
 * calls only that: it makes no packet for an event, and a batch handler gets the array as it was decoded.
 */
export interface BareEventDeserializer extends Deserializer {
  /** The pattern of a value, which is then the data; undefined when it has none. */
  patternOf(value: unknown): unknown;
}

/** Takes the requests of a message, when answers can go back to its sender. */
export interface RequestSink {
  request(packet: IncomingPacket, pattern: string, receivedAtSeconds: number): void;
}

/** Gathers neighbouring events for one batch handler until it is called with them. */
export class EventGroup {
  private metadataOfEach: (PacketMetadata | undefined)[] | undefined;

  /**
   * @param key the pattern as received, for comparison
   * @param first the place of its first event
   * @param data undefined when the values themselves are the data
   * @param isAlone whether no other handler takes its events
   */
  constructor(
    readonly handler: MessageHandler,
    readonly key: unknown,
    readonly pattern: string,
    readonly first: number,
    private readonly data: unknown[] | undefined,
    readonly isAlone: boolean,
  ) {}

  /** Whether the group is just a range of the values. */
  get isRange(): boolean {
    return this.data === undefined;
  }

  /** Undefined when no event has metadata. */
  get metadata(): readonly (PacketMetadata | undefined)[] | undefined {
    return this.metadataOfEach;
  }

  push(data: unknown, metadata: PacketMetadata | undefined): void {
    if (metadata !== undefined) {
      this.metadataOfEach ??= this.data?.map(() => undefined);
    }
    this.data?.push(data);
    this.metadataOfEach?.push(metadata);
  }

  /** The array for its handler; the message's own array when the group has all of its values. */
  dataOf(values: readonly unknown[], end: number): readonly unknown[] {
    const isWhole = this.first === 0 && end === values.length;
    return this.data ?? (isWhole ? values : values.slice(this.first, end));
  }
}

const CLOSED = 'the server closed before it handled the event';
/** How many handlers start side by side before they get the chance to end. */
const SIDE_BY_SIDE = 32;
/** More turns of the microtask queue than Nest's pipeline takes for a handler that waits for nothing. */
const QUICK_TURNS = 32;

export interface PacketDispatcherOptions {
  /** Undefined: the decoded value is the packet. */
  readonly deserializer: Deserializer | BareEventDeserializer | undefined;
  readonly inFlight: InFlight;
  readonly handlers: HandlerRegistry;
  readonly calls: HandlerCalls;
  /** Whether processing hooks are set: they may keep data for each context. */
  readonly hasProcessingHooks: () => boolean;
}

/** A message whose values are going to their handlers, and how far that has come. */
interface Dispatch extends Origin {
  /** Takes requests; undefined when answers cannot go back. */
  readonly sink: RequestSink | undefined;
  /** The place of the next value. */
  next: number;
  /** The group of neighbours whose batch handler was not called yet. */
  open: EventGroup | undefined;
  /** The previous event's context, for events whose own would be equal. */
  context: ZmqContext | undefined;
  /** Whether the handlers so far waited for nothing. */
  isQuick: boolean;
  /** How many events ran before this message; it does not wait for those. */
  calm: number;
}

/**
 * Brings each value of a message to the Nest handler of its pattern. One bad value does not affect its neighbours. Makes
 * promises only for each call of a handler, not for each event.
 */
export class PacketDispatcher {
  private readonly bare: BareEventDeserializer | undefined;
  private readonly calls: HandlerCalls;

  constructor(private readonly options: PacketDispatcherOptions) {
    const { calls, deserializer } = options;
    this.calls = calls;
    this.bare = deserializer !== undefined && 'patternOf' in deserializer ? deserializer : undefined;
  }

  /** Events that may start before the limit of running handlers is reached; 0 or less when it is. */
  get room(): number {
    return this.options.inFlight.room;
  }

  /**
   * Starts the handlers of all values in their order; waits only when the limit of running handlers is reached. With an
   * `outcome`, handles every value to its end, with retries, and reports to the outcome.
   * @returns undefined when it did not have to wait
   */
  dispatch(
    values: readonly unknown[],
    receivedAtSeconds: number,
    sink?: RequestSink,
    outcome?: BatchOutcome,
    partition?: number,
  ): Promise<void> | undefined {
    const dispatch: Dispatch = {
      values,
      receivedAtSeconds,
      sink,
      outcome,
      partition,
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

  /** Goes on with the values. @returns what to wait for before it can go on; undefined at the end */
  private advance(dispatch: Dispatch): Promise<void> | undefined {
    const { values } = dispatch;
    while (dispatch.next < values.length) {
      const value = values[dispatch.next];
      if (this.continuesGroup(dispatch.open, value)) {
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

  /** Adds a neighbour with the same pattern to its group, without searching for handlers. */
  private continuesGroup(open: EventGroup | undefined, value: unknown): boolean {
    if (open === undefined || !open.isAlone) {
      return false;
    }
    if (open.isRange) {
      return this.patternOf(value) === open.key;
    }
    const packet: IncomingPacket = this.options.deserializer === undefined && isRecord(value) ? value : {};
    if (packet.pattern !== open.key || packet.id !== undefined) {
      return false;
    }
    open.push(packet.data, packet.metadata);
    return true;
  }

  private untilNextMayStart(dispatch: Dispatch): Promise<void> | undefined {
    const { inFlight } = this.options;
    // Once abandoned, nothing makes room any more, and nothing would wake a second wait.
    if (inFlight.isFull && !inFlight.isAbandoned) {
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
        return packet
          .then((read) => this.routePacket(dispatch, place, read))
          .catch((error: unknown) => this.rejectMalformed(dispatch, error, place));
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

  /** Half a batch cannot be acknowledged: a batch that has begun is finished. */
  private mayNotStart({ outcome }: Dispatch): boolean {
    return this.options.inFlight.isAbandoned && outcome === undefined;
  }

  private patternOf(value: unknown): unknown {
    try {
      return this.bare?.patternOf(value);
    } catch {
      // It is called again when the value's own turn comes, and its error is reported then.
      return undefined;
    }
  }

  private routePacket(dispatch: Dispatch, place: number, read: unknown): void {
    const packet: IncomingPacket = isRecord(read) ? read : {};
    const { pattern, data, id } = packet;
    if (id !== undefined && dispatch.sink !== undefined && pattern !== undefined && pattern !== null) {
      this.flush(dispatch, place);
      const route = this.options.handlers.find(pattern);
      dispatch.sink.request(packet, route.pattern, dispatch.receivedAtSeconds);
    } else {
      this.route(dispatch, place, pattern, data, packet);
    }
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
      this.reject(dispatch, 'no_handler', `no handler for ${shorten(route.pattern)}`, place);
      return;
    }
    if (route.handler !== undefined) {
      const context = this.contextOf(dispatch, route.pattern, packet?.metadata);
      this.calls.one(route.handler, data, context, place, dispatch);
    }
    if (route.batchHandler !== undefined) {
      this.gather(dispatch, place, route.batchHandler, route, pattern, data, packet);
    }
  }

  /** Events of one message whose contexts would be equal share one, unless hooks are set: those keep data by context. */
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
    dispatch.context = new ZmqContext([pattern, dispatch.receivedAtSeconds, metadata, dispatch.partition]);
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
    if (open?.handler !== handler || open.pattern !== route.pattern || open.isRange) {
      this.flush(dispatch, place);
      const isAlone = route.handler === undefined;
      const values = packet === undefined && isAlone ? undefined : [];
      open = new EventGroup(handler, key, route.pattern, place, values, isAlone);
      dispatch.open = open;
    }
    open.push(data, packet?.metadata);
  }

  /** Calls the batch handler of the open group: before a value that does not belong to it, and at the end. */
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
    const { handler, pattern, first: places, metadata } = open;
    const data = open.dataOf(values, end);
    void this.calls.batch({ handler, pattern, origin: dispatch, data, metadata, places });
  }

  private reject(dispatch: Dispatch, reason: RejectedMessageReason, detail: string, place: number): void {
    this.calls.reject(dispatch, reason, detail, place);
  }
}
