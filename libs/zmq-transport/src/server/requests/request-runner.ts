import type { MessageHandler, Serializer, WritePacket } from '@nestjs/microservices';
import { type Observable, Subject, takeUntil } from 'rxjs';
import type { Codec } from '../../codec/codec.interface.js';
import type { HandlerRegistry } from '../handler-registry.js';
import type { InFlight } from '../in-flight.js';
import type { IncomingPacket } from '../packet-dispatcher.js';
import { ZmqRequestContext } from '../zmq.context.js';
import { keyOf, type ReplyOutbox } from './reply-outbox.js';

/** Nest's words for a request that nobody answers. */
const NO_MESSAGE_HANDLER = 'There is no matching message handler defined in the remote service.';

interface RunningRequest {
  readonly context: ZmqRequestContext;
  readonly cancelled: Subject<void>;
}

export interface RequestRunnerOptions {
  readonly handlers: HandlerRegistry;
  readonly inFlight: InFlight;
  readonly replies: ReplyOutbox;
  readonly serializer: Serializer;
  readonly codec: Codec;
  /** Most requests of one peer that run or whose answers wait. */
  readonly maxPendingPerPeer: number;
  /** Calls the handler and gives its answers as a stream. */
  readonly answer: (
    handler: MessageHandler,
    data: unknown,
    context: ZmqRequestContext,
  ) => Promise<Observable<unknown>>;
  /** Nest's `Server.handleRequest`: processing hooks, `catchError`, `isDisposed`. */
  readonly handle: (
    context: ZmqRequestContext,
    produce: () => Promise<Observable<unknown>>,
    respond: (packet: WritePacket) => Promise<void>,
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
    const id = String(packet.id);
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
    const request: RunningRequest = { context, cancelled: new Subject() };
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
    { context, cancelled }: RunningRequest,
  ): void {
    const { inFlight } = this.options;
    const produce = async (): Promise<Observable<unknown>> => {
      const done = startOnce(inFlight);
      // A handler that never ends must not hold a place once nobody waits for it.
      cancelled.subscribe(done);
      try {
        return (await this.options.answer(handler, packet.data, context)).pipe(takeUntil(cancelled));
      } finally {
        // A stream may go on for hours; only the handler itself counts for the flow control.
        done();
      }
    };
    const respond = async (reply: WritePacket): Promise<void> => {
      if (reply.isDisposed === true || reply.err !== undefined) {
        this.end(keyOf(identity), id, false);
      }
      if (reply.err !== undefined) {
        this.options.onFailed(reply.err, packet, context.receivedAtSeconds);
      }
      if (!context.isCancelled) {
        await this.respond(identity, { ...reply, id });
      }
    };
    this.options.handle(context, produce, respond);
  }

  private async respond(identity: Buffer, reply: WritePacket & { id: string }): Promise<void> {
    const { replies, codec, serializer } = this.options;
    let encoded;
    try {
      encoded = codec.encode(await serializer.serialize(reply));
    } catch (error) {
      const message = `the answer cannot be serialized: ${error instanceof Error ? error.message : String(error)}`;
      encoded = codec.encode({ id: reply.id, err: { status: 'error', message }, isDisposed: true });
    }
    replies.push(identity, encoded.part, encoded.bytes);
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
      request.cancelled.next();
    }
  }
}

/** Takes a place among the running handlers. @returns a function that gives it back, once. */
function startOnce(inFlight: InFlight): () => void {
  let running = true;
  inFlight.start();
  return () => {
    if (running) {
      running = false;
      inFlight.end();
    }
  };
}
