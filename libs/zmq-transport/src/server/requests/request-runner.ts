import type { MessageHandler, Serializer, WritePacket } from '@nestjs/microservices';
import { EMPTY, isObservable, type Observable, of, Subject, takeUntil } from 'rxjs';
import {
  type Codec,
  type EncodedValue,
  type HandlerRegistry,
  type InFlight,
  type IncomingPacket,
  isWithin,
  ZmqRequestContext,
} from '@app/transport-core';
import { keyOf, type ReplyOutbox } from './reply-outbox.js';

const MAX_ID_CHARACTERS = 16_384;

/** Nest's words for a request that nobody answers. */
const NO_MESSAGE_HANDLER = 'There is no matching message handler defined in the remote service.';

/** What Nest tells a caller of an error that is nobody's business. */
const HANDLER_FAILED = { status: 'error', message: 'Internal server error' };

interface RunningRequest {
  readonly context: ZmqRequestContext;
  /** Made for an answer that is a stream: ends it. */
  cancelled: Subject<void> | undefined;
  holdsPlace: boolean;
}

export interface RequestRunnerOptions {
  readonly handlers: HandlerRegistry;
  readonly inFlight: InFlight;
  readonly replies: ReplyOutbox;
  readonly serializer: Serializer;
  readonly codec: Codec;
  /** Most requests of one peer that run or whose answers wait. */
  readonly maxPendingPerPeer: number;
  /** Whether somebody wants to know when processing starts and ends. */
  readonly hasProcessingHooks: () => boolean;
  /** Nest's `Server.handleRequest`: processing hooks around {@link stream}. */
  readonly handle: (
    context: ZmqRequestContext,
    produce: () => Promise<Observable<unknown>>,
    respond: (packet: WritePacket) => Promise<void> | void,
  ) => void;
  /** Nest's `Server.send`: each value, an error, and the end of a stream become answers in their order. */
  readonly stream: (
    answers: Observable<unknown>,
    respond: (packet: WritePacket) => Promise<void> | void,
  ) => void;
  readonly onFailed: (error: unknown, packet: IncomingPacket, receivedAtSeconds: number) => void;
}

/** Runs request handlers and sends their answers back to who asked; ends those whose answer nobody wants any more. */
export class RequestRunner {
  private readonly running = new Map<string, Map<string, RunningRequest>>();

  constructor(private readonly options: RequestRunnerOptions) {}

  get count(): number {
    let count = 0;
    for (const requests of this.running.values()) {
      count += requests.size;
    }
    return count;
  }

  /** Whether a peer has used half of what it may have pending. */
  isCrowdedBy(identity: Buffer): boolean {
    return this.pendingOf(identity) * 2 >= this.options.maxPendingPerPeer;
  }

  start(identity: Buffer, packet: IncomingPacket, pattern: string, receivedAtSeconds: number): void {
    const id = idOf(packet.id);
    const { handler } = this.options.handlers.find(packet.pattern);
    if (handler === undefined) {
      void this.respond(identity, { id, err: NO_MESSAGE_HANDLER, status: 'error', isDisposed: true });
      return;
    }
    const key = keyOf(identity);
    const requests = this.running.get(key) ?? new Map<string, RunningRequest>();
    if (this.pendingOf(identity) >= this.options.maxPendingPerPeer || requests.has(id)) {
      const err = { status: 'error', message: 'too many requests are pending' };
      void this.respond(identity, { id, err, isDisposed: true });
      return;
    }
    const context = new ZmqRequestContext([pattern, receivedAtSeconds, packet.metadata]);
    const request: RunningRequest = { context, cancelled: undefined, holdsPlace: false };
    requests.set(id, request);
    this.running.set(key, requests);
    this.run(identity, id, handler, packet, request);
  }

  cancel(identity: Buffer, id: string): void {
    this.end(keyOf(identity), id, true);
  }

  /** A peer is gone: nobody waits for any of its answers. */
  cancelAll(identity: Buffer): void {
    const key = keyOf(identity);
    for (const id of this.running.get(key)?.keys() ?? []) {
      this.end(key, id, true);
    }
  }

  private pendingOf(identity: Buffer): number {
    return (this.running.get(keyOf(identity))?.size ?? 0) + this.options.replies.waitingFor(identity);
  }

  private run(
    identity: Buffer,
    id: string,
    handler: MessageHandler,
    packet: IncomingPacket,
    request: RunningRequest,
  ): void {
    const respond = (reply: WritePacket): Promise<void> | undefined => {
      if (reply.isDisposed === true || reply.err !== undefined) {
        this.end(keyOf(identity), id, false);
      }
      if (reply.err !== undefined) {
        this.options.onFailed(reply.err, packet, request.context.receivedAtSeconds);
      }
      return request.context.isCancelled ? undefined : this.respond(identity, { ...reply, id });
    };
    if (this.options.hasProcessingHooks()) {
      const produce = async (): Promise<Observable<unknown>> => {
        const result = await this.call(handler, packet.data, request);
        return untilCancelled(isObservable(result) ? result : of(result), request);
      };
      this.options.handle(request.context, produce, respond);
      return;
    }
    this.call(handler, packet.data, request).then(
      (result) => {
        if (isObservable(result)) {
          this.options.stream(untilCancelled(result, request), respond);
          return;
        }
        // Most handlers answer once: that needs no stream.
        void respond({ response: result, isDisposed: true });
      },
      () => void respond({ err: HANDLER_FAILED, isDisposed: true }),
    );
  }

  /** A stream may go on for hours: only the handler itself is waited for when the server closes. */
  private async call(handler: MessageHandler, data: unknown, request: RunningRequest): Promise<unknown> {
    this.options.inFlight.start();
    request.holdsPlace = true;
    try {
      return await handler(data, request.context);
    } finally {
      this.givePlaceBack(request);
    }
  }

  private givePlaceBack(request: RunningRequest): void {
    if (request.holdsPlace) {
      request.holdsPlace = false;
      this.options.inFlight.end();
    }
  }

  private respond(identity: Buffer, reply: WritePacket & { id: string }): Promise<void> | undefined {
    let value: unknown;
    try {
      value = this.options.serializer.serialize(reply);
    } catch (error) {
      this.refuse(identity, reply.id, error);
      return undefined;
    }
    if (value instanceof Promise) {
      return value.then(
        (serialized: unknown) => this.push(identity, reply.id, serialized),
        (error: unknown) => this.refuse(identity, reply.id, error),
      );
    }
    this.push(identity, reply.id, value);
    return undefined;
  }

  private push(identity: Buffer, id: string, value: unknown): void {
    let encoded: EncodedValue<unknown>;
    try {
      encoded = this.options.codec.encode(value);
    } catch (error) {
      this.refuse(identity, id, error);
      return;
    }
    this.options.replies.push(identity, encoded.part, encoded.bytes);
  }

  /** An answer that cannot be sent is an error for its caller, not silence. */
  private refuse(identity: Buffer, id: string, error: unknown): void {
    const message = `the answer cannot be serialized: ${error instanceof Error ? error.message : String(error)}`;
    const { part, bytes } = this.options.codec.encode({
      id,
      err: { status: 'error', message },
      isDisposed: true,
    });
    this.options.replies.push(identity, part, bytes);
  }

  private end(key: string, id: string, cancelled: boolean): void {
    const requests = this.running.get(key);
    const request = requests?.get(id);
    if (requests === undefined || request === undefined) {
      return;
    }
    requests.delete(id);
    if (requests.size === 0) {
      this.running.delete(key);
    }
    if (cancelled) {
      request.context.cancel();
      request.cancelled?.next();
      // A handler that never ends must not hold a place once nobody waits for it.
      this.givePlaceBack(request);
    }
  }
}

/** @throws Error for one that is too long: it is kept while the request runs, and comes back in each answer. */
function idOf(id: unknown): string {
  if (!isWithin(id, MAX_ID_CHARACTERS)) {
    throw new Error(`the id of a request has more than ${MAX_ID_CHARACTERS} characters`);
  }
  return String(id);
}

function untilCancelled(answers: Observable<unknown>, request: RunningRequest): Observable<unknown> {
  if (request.context.isCancelled) {
    return EMPTY;
  }
  request.cancelled ??= new Subject();
  return answers.pipe(takeUntil(request.cancelled));
}
