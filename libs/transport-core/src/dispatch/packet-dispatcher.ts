import type { Deserializer, MessageHandler, PacketMetadata } from '@nestjs/microservices';
import { setTimeout as delay } from 'node:timers/promises';
import { isObservable, lastValueFrom } from 'rxjs';
import type { BatchOutcome } from './batch-outcome.js';
import type { HandlerRegistry } from './handler-registry.js';
import type { InFlight } from './in-flight.js';
import type { RejectedMessageReason } from './rejected-message.js';
import type { RetryPolicy } from './retry-policy.js';
import { ZmqBatchContext, ZmqContext } from './zmq.context.js';

/** Thrown in place of a failure that may still be over by the next call. */
const GIVEN_UP = Symbol('given up');

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

/** Where a message came from, when answers can go back there. */
export interface RequestSink {
  request(packet: IncomingPacket, pattern: string, receivedAtSeconds: number): void;
}

export interface PacketDispatcherOptions {
  readonly deserializer: Deserializer;
  readonly inFlight: InFlight;
  readonly handlers: HandlerRegistry;
  /** Calls a handler, with Nest's processing hooks around it where they are set. */
  readonly invoke: (handler: MessageHandler, data: unknown, context: ZmqContext) => Promise<unknown>;
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

/** The message whose values are being brought to their handlers. */
interface Origin {
  readonly receivedAtSeconds: number;
  /** Where answers go back to, where they can. */
  readonly sink: RequestSink | undefined;
  /** Who waits for the end of all handlers: only acknowledged batches have somebody. */
  readonly outcome: BatchOutcome | undefined;
}

/** Neighbouring events of one message for the same batch handler. */
interface Group {
  readonly handler: MessageHandler;
  readonly pattern: string;
  readonly data: unknown[];
  readonly metadata: (PacketMetadata | undefined)[];
  readonly values: unknown[];
}

/** Brings each value of a message to the Nest handler of its pattern. One bad value does not touch its neighbours. */
export class PacketDispatcher {
  constructor(private readonly options: PacketDispatcherOptions) {}

  /**
   * Starts the handlers of all values in their order; waits only where the limit of running handlers asks for it. With an
   * `outcome`, every value is brought to its end, with retries, and the outcome told.
   */
  async dispatch(
    values: readonly unknown[],
    receivedAtSeconds: number,
    sink?: RequestSink,
    outcome?: BatchOutcome,
  ): Promise<void> {
    const { inFlight, deserializer } = this.options;
    const origin: Origin = { receivedAtSeconds, sink, outcome };
    let group: Group | undefined;
    let quick = true;
    let calm = inFlight.count;
    for (const value of values) {
      if (inFlight.isFull) {
        await inFlight.untilRoom();
      }
      if (quick && inFlight.count >= calm + SIDE_BY_SIDE) {
        quick = await inFlight.untilQuickOnesEnd(calm, QUICK_TURNS);
        calm = Math.min(calm, inFlight.count);
      }
      try {
        const result = deserializer.deserialize(value) as unknown;
        const packet = (result instanceof Promise ? await result : result) as unknown;
        // Half of a batch cannot be acknowledged: one that was begun is ended.
        if (inFlight.isAbandoned && outcome === undefined) {
          this.reject(origin, 'closing', 'the server closed before its turn', value);
          continue;
        }
        group = this.route(isRecord(packet) ? packet : {}, value, origin, group);
      } catch (error) {
        this.reject(origin, 'malformed', messageOf(error), value);
      }
    }
    this.flush(group, origin);
    outcome?.dispatched();
  }

  /** @returns the group that is open after this packet. */
  private route(
    packet: IncomingPacket,
    value: unknown,
    origin: Origin,
    group: Group | undefined,
  ): Group | undefined {
    const { pattern, data, metadata } = packet;
    const { receivedAtSeconds, sink } = origin;
    if (pattern === undefined || pattern === null) {
      this.reject(origin, 'no_pattern', 'the packet has no pattern', value);
      return group;
    }
    const route = this.options.handlers.find(pattern);
    if (packet.id !== undefined && sink !== undefined) {
      sink.request(packet, route.pattern, receivedAtSeconds);
      return group;
    }
    if (route.handler === undefined && route.batchHandler === undefined) {
      this.reject(origin, 'no_handler', `nobody handles ${shorten(route.pattern)}`, value);
      return group;
    }
    if (route.handler !== undefined) {
      const context = new ZmqContext([route.pattern, receivedAtSeconds, metadata]);
      void this.run(route.handler, data, context, [value], origin);
    }
    if (route.batchHandler === undefined) {
      return group;
    }
    return this.gather(route.batchHandler, route.pattern, packet, value, origin, group);
  }

  private gather(
    handler: MessageHandler,
    pattern: string,
    { data, metadata }: IncomingPacket,
    value: unknown,
    origin: Origin,
    open: Group | undefined,
  ): Group {
    let group = open;
    if (group?.handler !== handler || group.pattern !== pattern) {
      this.flush(group, origin);
      group = { handler, pattern, data: [], metadata: [], values: [] };
    }
    group.data.push(data);
    group.metadata.push(metadata);
    group.values.push(value);
    return group;
  }

  private flush(group: Group | undefined, origin: Origin): void {
    if (group !== undefined) {
      const context = new ZmqBatchContext(
        [group.pattern, origin.receivedAtSeconds, group.metadata[0]],
        group.metadata,
      );
      void this.run(group.handler, group.data, context, group.values, origin);
    }
  }

  private async run(
    handler: MessageHandler,
    data: unknown,
    context: ZmqContext,
    values: readonly unknown[],
    origin: Origin,
  ): Promise<void> {
    const { inFlight } = this.options;
    const { outcome } = origin;
    inFlight.start(values.length);
    outcome?.start();
    try {
      if (outcome === undefined) {
        await this.call(handler, data, context);
      } else {
        await this.callUntilDone(handler, data, context);
      }
    } catch (error) {
      if (error === GIVEN_UP) {
        outcome?.giveUp();
        return;
      }
      for (const value of values) {
        this.reject(origin, 'handler_failed', messageOf(error), value, error);
      }
    } finally {
      inFlight.end(values.length);
      outcome?.end();
    }
  }

  private async call(handler: MessageHandler, data: unknown, context: ZmqContext): Promise<void> {
    const result = await this.options.invoke(handler, data, context);
    if (isObservable(result)) {
      await lastValueFrom(result, { defaultValue: undefined });
    }
  }

  /** @throws the last failure, once the policy gives up; GIVEN_UP when the server closes first. */
  private async callUntilDone(handler: MessageHandler, data: unknown, context: ZmqContext): Promise<void> {
    for (let retries = 0; ; retries += 1) {
      try {
        await this.call(handler, data, context);
        return;
      } catch (error) {
        const waitMs = this.options.retry.waitMs(error, retries);
        if (waitMs === undefined) {
          throw error;
        }
        this.options.onRetry();
        await delay(waitMs, undefined, { ref: false });
        if (this.options.inFlight.isAbandoned) {
          // Its producer will send it again: no handler may start any more.
          throw GIVEN_UP;
        }
      }
    }
  }

  private reject(
    { receivedAtSeconds, outcome }: Origin,
    reason: RejectedMessageReason,
    detail: string,
    value: unknown,
    cause?: unknown,
  ): void {
    this.options.reject(reason, detail, value, receivedAtSeconds, cause);
    outcome?.fail(value, reason, detail);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Nest's filters end a failed handler's stream with `{ status, message }`, which is no Error. */
function messageOf(error: unknown): string {
  return isRecord(error) && typeof error['message'] === 'string' ? error['message'] : String(error);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
