import type { MessageHandler, Serializer, WritePacket } from '@nestjs/microservices';
import { isObservable, type Observable, Subject, takeUntil } from 'rxjs';
import {
  type Codec,
  type EncodedValue,
  type HandlerRegistry,
  type InFlight,
  type IncomingPacket,
  isThenable,
  isWithin,
  type ZmqContext,
  ZmqRequestContext,
} from '@app/transport-core';
import { keyOf, type ReplyOutbox } from './reply-outbox.js';

const MAX_ID_CHARACTERS = 16_384;

/** Nest's message for a request without a handler. */
const NO_MESSAGE_HANDLER = 'There is no matching message handler defined in the remote service.';

/** What Nest answers when the error must stay private. */
const HANDLER_FAILED = { status: 'error', message: 'Internal server error' };

/** The transport's answer to a request that it cannot answer otherwise: an error in Nest's form, with a code. */
interface Refusal {
  readonly status: 'error';
  readonly message: string;
  readonly code: `ERR_ZMQ_${string}`;
}

const TOO_MANY: Refusal = {
  status: 'error',
  message: 'too many requests are pending',
  code: 'ERR_ZMQ_TOO_MANY_REQUESTS',
};
const OVERFLOW: Refusal = {
  status: 'error',
  message: 'this client reads its answers too slowly: there is no room for another one',
  code: 'ERR_ZMQ_ANSWERS_OVERFLOW',
};
const CLOSING: Refusal = {
  status: 'error',
  message: 'the server closed before the last answer',
  code: 'ERR_ZMQ_SERVER_CLOSING',
};

interface RunningRequest {
  readonly identity: Buffer;
  readonly id: string;
  readonly packet: IncomingPacket;
  readonly context: ZmqRequestContext;
  /** All running requests of the same peer, including this one. */
  readonly siblings: Map<string, RunningRequest>;
  /** Ends the answer, if it is a stream. */
  ended: Subject<void> | undefined;
  /** The last of the answers that an asynchronous serializer still works on: it keeps them in order. */
  tail: Promise<void> | undefined;
}

export interface RequestRunnerOptions {
  readonly handlers: HandlerRegistry;
  /** Counts the requests that run. */
  readonly inFlight: InFlight;
  readonly replies: ReplyOutbox;
  readonly serializer: Serializer;
  readonly codec: Codec;
  /** Most requests of one peer that run or whose answers wait. */
  readonly maxPendingPerPeer: number;
  /** Calls a handler, with Nest's processing hooks around it and its stream where they are set. */
  readonly invoke: (handler: MessageHandler, data: unknown, context: ZmqContext) => unknown;
  readonly onFailed: () => void;
  /** An answer found no room. */
  readonly onDropped: (replies: number) => void;
}

/**
 * Runs request handlers and sends their answers to the callers; ends requests whose callers have given up.
 *
 * A request runs until its last answer is handed over or its caller is gone. An answer that finds no room ends the request with
 * an error behind the answers that fitted: a caller never sees a gap.
 */
export class RequestRunner {
  private readonly running = new Map<string, Map<string, RunningRequest>>();

  constructor(private readonly options: RequestRunnerOptions) {}

  get count(): number {
    return this.options.inFlight.count;
  }

  /** Whether a peer uses half or more of the pending requests it may have. */
  isCrowdedBy(identity: Buffer): boolean {
    return this.pendingOf(identity) * 2 >= this.options.maxPendingPerPeer;
  }

  start(identity: Buffer, packet: IncomingPacket, pattern: string, receivedAtSeconds: number): void {
    const id = idOf(packet.id);
    const { handler } = this.options.handlers.find(packet.pattern);
    if (handler === undefined) {
      this.refuse(identity, id, NO_MESSAGE_HANDLER);
      return;
    }
    const key = keyOf(identity);
    const siblings = this.running.get(key) ?? new Map<string, RunningRequest>();
    const pending = siblings.size + this.options.replies.waitingFor(identity);
    if (pending >= this.options.maxPendingPerPeer || siblings.has(id)) {
      this.refuse(identity, id, TOO_MANY);
      return;
    }
    if (siblings.size === 0) {
      this.running.set(key, siblings);
    }
    const context = new ZmqRequestContext([pattern, receivedAtSeconds, packet.metadata]);
    const request = { identity, id, packet, context, siblings, ended: undefined, tail: undefined };
    siblings.set(id, request);
    this.options.inFlight.start();
    this.run(handler, request);
  }

  cancel(identity: Buffer, id: string): void {
    const request = this.running.get(keyOf(identity))?.get(id);
    if (request !== undefined) {
      this.cancelRequest(request);
    }
  }

  /** A peer is gone: nobody waits for any of its answers. */
  cancelAll(identity: Buffer): void {
    for (const request of this.running.get(keyOf(identity))?.values() ?? []) {
      this.cancelRequest(request);
    }
  }

  /** The server closes: tells callers that still wait, and ends streams. */
  giveUp(): void {
    // An entry deleted during the iteration is not visited.
    for (const siblings of this.running.values()) {
      for (const request of siblings.values()) {
        this.cancelRequest(request);
        this.encodeAndPush(request, { id: request.id, err: CLOSING, isDisposed: true });
      }
    }
  }

  private pendingOf(identity: Buffer): number {
    return (this.running.get(keyOf(identity))?.size ?? 0) + this.options.replies.waitingFor(identity);
  }

  private run(handler: MessageHandler, request: RunningRequest): void {
    const onFailed = (): void => this.respond(request, { err: HANDLER_FAILED, isDisposed: true });
    let result: unknown;
    try {
      result = this.options.invoke(handler, request.packet.data, request.context);
    } catch {
      onFailed();
      return;
    }
    if (isThenable(result)) {
      result.then((value) => this.answer(value, request), onFailed);
    } else {
      this.answer(result, request);
    }
  }

  private answer(result: unknown, request: RunningRequest): void {
    if (isObservable(result)) {
      this.follow(result, request);
    } else {
      // Most handlers answer once: that needs no stream.
      this.respond(request, { response: result, isDisposed: true });
    }
  }

  /** Sends each value of a stream. The last value and the end share one answer when they come together. */
  private follow(answers: Observable<unknown>, request: RunningRequest): void {
    if (request.context.isCancelled) {
      return;
    }
    let held: { readonly response: unknown } | undefined;
    const sendHeld = (): void => {
      if (held !== undefined) {
        const { response } = held;
        held = undefined;
        this.respond(request, { response });
      }
    };
    request.ended = new Subject();
    answers.pipe(takeUntil(request.ended)).subscribe({
      next: (response) => {
        if (held === undefined) {
          queueMicrotask(sendHeld);
        } else {
          sendHeld();
        }
        held = { response };
      },
      error: (error: unknown) => {
        sendHeld();
        // An empty error would look like the end of a stream.
        this.respond(request, { err: error || HANDLER_FAILED, isDisposed: true });
      },
      complete: () => {
        const last = held ?? {};
        held = undefined;
        this.respond(request, { ...last, isDisposed: true });
      },
    });
  }

  private respond(request: RunningRequest, answer: WritePacket): void {
    if (request.context.isCancelled) {
      return;
    }
    const reply: WritePacket & { id: string } = Object.assign(answer, { id: request.id });
    let value: unknown;
    try {
      value = this.options.serializer.serialize(reply);
    } catch (error) {
      this.fail(request, unserializable(error));
      return;
    }
    if (request.tail !== undefined || value instanceof Promise) {
      const previous = request.tail;
      request.tail = Promise.resolve(value).then(
        async (serialized: unknown) => {
          await previous;
          this.send(request, serialized, reply);
        },
        async (error: unknown) => {
          await previous;
          this.fail(request, unserializable(error));
        },
      );
    } else {
      this.send(request, value, reply);
    }
  }

  private send(request: RunningRequest, value: unknown, { err, isDisposed }: WritePacket): void {
    const { identity, context } = request;
    const { codec, replies, onFailed, onDropped } = this.options;
    if (context.isCancelled || !isRunning(request)) {
      return;
    }
    let encoded: EncodedValue<unknown>;
    try {
      encoded = codec.encode(value);
    } catch (error) {
      this.fail(request, unserializable(error));
      return;
    }
    const most = replies.largestMessage(identity);
    if (encoded.bytes > most) {
      this.fail(request, tooLarge(encoded.bytes, most));
      return;
    }
    if (err === undefined && !replies.hasRoomFor(identity, encoded.bytes)) {
      onDropped(1);
      this.fail(request, OVERFLOW);
      return;
    }
    if (isDisposed === true) {
      this.end(request);
    }
    if (err !== undefined) {
      onFailed();
    }
    replies.push(identity, encoded.part, encoded.bytes);
  }

  /** Ends a request with an error of the transport: its caller must learn that answers are missing. */
  private fail(request: RunningRequest, err: Refusal): void {
    if (isRunning(request)) {
      this.cancelRequest(request);
      this.options.onFailed();
      this.encodeAndPush(request, { id: request.id, err, isDisposed: true });
    }
  }

  /** Refuses a request that was not started. The refusal may be dropped when a peer asks without end and reads nothing. */
  private refuse(identity: Buffer, id: string, err: Refusal | string): void {
    this.options.onFailed();
    const status = typeof err === 'string' ? { status: 'error' } : {};
    this.options.replies.pushRefusal(
      identity,
      this.options.codec.encode({ id, err, ...status, isDisposed: true }),
    );
  }

  private encodeAndPush({ identity }: RunningRequest, reply: WritePacket & { id: string }): void {
    const { part, bytes } = this.options.codec.encode(reply);
    this.options.replies.push(identity, part, bytes);
  }

  private cancelRequest(request: RunningRequest): void {
    this.end(request);
    request.context.cancel();
    request.ended?.next();
  }

  private end(request: RunningRequest): void {
    const { siblings, id, identity } = request;
    if (isRunning(request)) {
      siblings.delete(id);
      if (siblings.size === 0) {
        this.running.delete(keyOf(identity));
      }
      this.options.inFlight.end();
    }
  }
}

function isRunning(request: RunningRequest): boolean {
  return request.siblings.get(request.id) === request;
}

function unserializable(error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    status: 'error',
    message: `the answer cannot be serialized: ${reason}`,
    code: 'ERR_ZMQ_SERIALIZATION',
  };
}

function tooLarge(bytes: number, most: number): Refusal {
  return {
    status: 'error',
    message: `the answer takes ${bytes} bytes, this client takes messages of ${most}`,
    code: 'ERR_ZMQ_ANSWER_TOO_LARGE',
  };
}

/** @throws Error for an id that is too long: the server keeps it while the request runs and sends it in each answer. */
function idOf(id: unknown): string {
  if (!isWithin(id, MAX_ID_CHARACTERS)) {
    throw new Error(`the id of a request has more than ${MAX_ID_CHARACTERS} characters`);
  }
  return String(id);
}
