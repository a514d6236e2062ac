import type { Deserializer, MessageHandler, PacketMetadata } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { InFlight } from './in-flight.js';
import type { RejectedMessageReason } from './rejected-message.js';
import { ZmqContext } from './zmq.context.js';

/** Nest's packet as a deserializer gives it; nothing about it can be trusted. */
export interface IncomingPacket {
  readonly pattern?: unknown;
  readonly data?: unknown;
  readonly metadata?: PacketMetadata;
}

export interface EventDispatcherOptions {
  readonly deserializer: Deserializer;
  readonly inFlight: InFlight;
  /** The registered handler for a pattern as it came, or undefined. */
  readonly handlerFor: (pattern: unknown) => MessageHandler | undefined;
  /** The pattern for logs and contexts; must not throw for hostile ones. */
  readonly patternText: (pattern: unknown) => string;
  /** Calls a handler, with Nest's processing hooks around it where they are set. */
  readonly invoke: (handler: MessageHandler, data: unknown, context: ZmqContext) => Promise<unknown>;
  readonly reject: (
    reason: RejectedMessageReason,
    detail: string,
    content: unknown,
    receivedAtSeconds: number,
  ) => void;
}

/** Brings each value of a message to the Nest handler of its pattern. One bad value does not touch its neighbours. */
export class EventDispatcher {
  constructor(private readonly options: EventDispatcherOptions) {}

  /** Starts the handlers of all values in their order; waits only where the limit of running handlers asks for it. */
  async dispatch(values: readonly unknown[], receivedAtSeconds: number): Promise<void> {
    const { inFlight, deserializer } = this.options;
    for (const value of values) {
      if (inFlight.isFull) {
        await inFlight.untilRoom();
      }
      try {
        const packet = deserializer.deserialize(value) as unknown;
        this.route(packet instanceof Promise ? await packet : packet, value, receivedAtSeconds);
      } catch (error) {
        this.options.reject('malformed', messageOf(error), value, receivedAtSeconds);
      }
    }
  }

  private route(packet: unknown, value: unknown, receivedAtSeconds: number): void {
    const { pattern, data, metadata } = (isRecord(packet) ? packet : {}) as IncomingPacket;
    if (pattern === undefined || pattern === null) {
      this.options.reject('no_pattern', 'the packet has no pattern', value, receivedAtSeconds);
      return;
    }
    const handler = this.options.handlerFor(pattern);
    const text = this.options.patternText(pattern);
    if (handler === undefined) {
      this.options.reject('no_handler', `nobody handles ${shorten(text)}`, value, receivedAtSeconds);
      return;
    }
    void this.run(handler, data, new ZmqContext([text, receivedAtSeconds, metadata]), value);
  }

  private async run(
    handler: MessageHandler,
    data: unknown,
    context: ZmqContext,
    value: unknown,
  ): Promise<void> {
    const { inFlight } = this.options;
    inFlight.start();
    try {
      const result = await this.options.invoke(handler, data, context);
      if (isObservable(result)) {
        await lastValueFrom(result, { defaultValue: undefined });
      }
    } catch (error) {
      this.options.reject('handler_failed', messageOf(error), value, context.receivedAtSeconds);
    } finally {
      inFlight.end();
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
