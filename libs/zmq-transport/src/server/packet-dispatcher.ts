import type { Deserializer, MessageHandler, PacketMetadata } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { HandlerRegistry } from './handler-registry.js';
import type { InFlight } from './in-flight.js';
import type { RejectedMessageReason } from './rejected-message.js';
import { ZmqBatchContext, ZmqContext } from './zmq.context.js';

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
  ) => void;
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

  /** Starts the handlers of all values in their order; waits only where the limit of running handlers asks for it. */
  async dispatch(values: readonly unknown[], receivedAtSeconds: number, sink?: RequestSink): Promise<void> {
    const { inFlight, deserializer } = this.options;
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
        if (inFlight.isAbandoned) {
          this.options.reject('closing', 'the server closed before its turn', value, receivedAtSeconds);
          continue;
        }
        group = this.route(isRecord(packet) ? packet : {}, value, receivedAtSeconds, group, sink);
      } catch (error) {
        this.options.reject('malformed', messageOf(error), value, receivedAtSeconds);
      }
    }
    this.flush(group, receivedAtSeconds);
  }

  /** @returns the group that is open after this packet. */
  private route(
    packet: IncomingPacket,
    value: unknown,
    receivedAtSeconds: number,
    group: Group | undefined,
    sink: RequestSink | undefined,
  ): Group | undefined {
    const { pattern, data, metadata } = packet;
    if (pattern === undefined || pattern === null) {
      this.options.reject('no_pattern', 'the packet has no pattern', value, receivedAtSeconds);
      return group;
    }
    const route = this.options.handlers.find(pattern);
    if (packet.id !== undefined && sink !== undefined) {
      sink.request(packet, route.pattern, receivedAtSeconds);
      return group;
    }
    if (route.handler === undefined && route.batchHandler === undefined) {
      this.options.reject('no_handler', `nobody handles ${shorten(route.pattern)}`, value, receivedAtSeconds);
      return group;
    }
    if (route.handler !== undefined) {
      const context = new ZmqContext([route.pattern, receivedAtSeconds, metadata]);
      void this.run(route.handler, data, context, [value]);
    }
    if (route.batchHandler === undefined) {
      return group;
    }
    return this.gather(route.batchHandler, route.pattern, packet, value, receivedAtSeconds, group);
  }

  private gather(
    handler: MessageHandler,
    pattern: string,
    { data, metadata }: IncomingPacket,
    value: unknown,
    receivedAtSeconds: number,
    open: Group | undefined,
  ): Group {
    let group = open;
    if (group?.handler !== handler || group.pattern !== pattern) {
      this.flush(group, receivedAtSeconds);
      group = { handler, pattern, data: [], metadata: [], values: [] };
    }
    group.data.push(data);
    group.metadata.push(metadata);
    group.values.push(value);
    return group;
  }

  private flush(group: Group | undefined, receivedAtSeconds: number): void {
    if (group !== undefined) {
      const context = new ZmqBatchContext(
        [group.pattern, receivedAtSeconds, group.metadata[0]],
        group.metadata,
      );
      void this.run(group.handler, group.data, context, group.values);
    }
  }

  private async run(
    handler: MessageHandler,
    data: unknown,
    context: ZmqContext,
    values: readonly unknown[],
  ): Promise<void> {
    const { inFlight } = this.options;
    inFlight.start(values.length);
    try {
      const result = await this.options.invoke(handler, data, context);
      if (isObservable(result)) {
        await lastValueFrom(result, { defaultValue: undefined });
      }
    } catch (error) {
      for (const value of values) {
        this.options.reject('handler_failed', messageOf(error), value, context.receivedAtSeconds);
      }
    } finally {
      inFlight.end(values.length);
    }
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
