import type { LoggerService } from '@nestjs/common';
import type { Deserializer, WritePacket } from '@nestjs/microservices';
import { type Codec, ThrottledLog } from '@app/transport-core';
import { PeerUnreachableError, ProtocolRefusedError, RequestTimeoutError } from '../errors.js';
import type { DealerSocket, ReplyListener } from './dealer-socket.js';

/** An answer, or one of several, as Nest's server sends it. */
export interface Reply extends WritePacket {
  readonly id?: unknown;
}

interface PendingRequest {
  readonly callback: (packet: WritePacket) => void;
  /** 0 waits for ever. */
  readonly timeoutMs: number;
  /** By `performance.now()`; infinite for one that waits for ever. */
  readonly deadlineMs: number;
}

export interface RequestsOptions {
  readonly codec: Codec;
  readonly deserializer: Deserializer | undefined;
  readonly logger: LoggerService;
  /** A request timed out; it is not pending any more. */
  readonly onTimeout: (id: string) => void;
}

/**
 * The requests whose final answer has not come. Each ends exactly once: by its last answer, by an error, or because its caller
 * gave it up.
 */
export class Requests implements ReplyListener {
  private readonly pending = new Map<string, PendingRequest>();
  private lastId = 0;
  /** One timer for all requests, set for the earliest deadline or earlier: a request that ended leaves its time set. */
  private timer: NodeJS.Timeout | undefined;
  private timerAtMs = Number.POSITIVE_INFINITY;
  /** The last of the replies that an asynchronous deserializer still reads: it keeps the values of a stream in order. */
  private deferred: Promise<void> | undefined;
  private loggedRefusal: string | undefined;
  private readonly log: ThrottledLog;
  /** A log of its own: unreadable replies must not throttle the reason why nothing is answered. */
  private readonly refusalLog: ThrottledLog;

  constructor(private readonly options: RequestsOptions) {
    this.log = new ThrottledLog(options.logger);
    this.refusalLog = new ThrottledLog(options.logger);
  }

  get count(): number {
    return this.pending.size;
  }

  isPending(id: string): boolean {
    return this.pending.has(id);
  }

  /** @param timeoutMs 0 waits for ever. @returns the request's id, unique within this client. */
  add(callback: (packet: WritePacket) => void, timeoutMs: number): string {
    this.lastId += 1;
    const id = this.lastId.toString(36);
    const deadlineMs = timeoutMs > 0 ? performance.now() + timeoutMs : Number.POSITIVE_INFINITY;
    this.pending.set(id, { callback, timeoutMs, deadlineMs });
    if (deadlineMs < this.timerAtMs) {
      this.lookAt(deadlineMs);
    }
    return id;
  }

  private lookAt(deadlineMs: number): void {
    clearTimeout(this.timer);
    this.timerAtMs = deadlineMs;
    this.timer =
      deadlineMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => this.onLook(), Math.max(1, Math.ceil(deadlineMs - performance.now()))).unref();
  }

  /** Ends the requests that are out of time, and waits for the next deadline. */
  private onLook(): void {
    const nowMs = performance.now();
    const late: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [id, { deadlineMs }] of this.pending) {
      if (deadlineMs <= nowMs) {
        late.push(id);
      } else {
        next = Math.min(next, deadlineMs);
      }
    }
    this.lookAt(next);
    for (const id of late) {
      this.expire(id);
    }
  }

  /** Passes an answer on. @returns whether it was the last one of its request. */
  settle(reply: Reply): boolean {
    // Our ids are strings. A server may send anything, even an object that throws when it is converted to text.
    const id = typeof reply.id === 'string' ? reply.id : '';
    const request = this.pending.get(id);
    if (request === undefined) {
      return false;
    }
    const { err, response, isDisposed } = reply;
    const last = isDisposed === true || Boolean(err);
    if (last) {
      this.remove(id);
    }
    this.call(request, {
      err: err as unknown,
      response: response as unknown,
      isDisposed: isDisposed ?? false,
    });
    return last;
  }

  fail(id: string, error: unknown): void {
    const request = this.pending.get(id);
    if (request !== undefined) {
      this.remove(id);
      this.call(request, { err: error, isDisposed: true });
    }
  }

  failAll(makeError: () => unknown): void {
    // Copied first: a callback may add requests.
    const ids = [...this.pending.keys()];
    for (const id of ids) {
      this.fail(id, makeError());
    }
  }

  /** The caller waits no longer. @returns whether the request was pending. */
  remove(id: string): boolean {
    return this.pending.delete(id);
  }

  private expire(id: string): void {
    const request = this.pending.get(id);
    if (request !== undefined) {
      this.remove(id);
      this.options.onTimeout(id);
      this.call(request, { err: new RequestTimeoutError(request.timeoutMs), isDisposed: true });
    }
  }

  /** An error in one caller's callback must not hold back the answers of others. */
  private call({ callback }: PendingRequest, packet: WritePacket): void {
    try {
      callback(packet);
    } catch (error) {
      this.log.error('a reply callback threw', error);
    }
  }

  onReplies(frame: Buffer, socket: DealerSocket): void {
    let value: unknown;
    try {
      value = this.options.codec.decode(frame);
    } catch (error) {
      this.log.error('a reply could not be read', error);
      return;
    }
    for (const reply of Array.isArray(value) ? (value as unknown[]) : [value]) {
      this.onReply(reply, socket);
    }
  }

  onRefused(reason: string): void {
    const error = new ProtocolRefusedError(`the server refused this client: ${reason}`);
    if (reason !== this.loggedRefusal) {
      // Logged once: a client that waits for its turn asks every second.
      this.loggedRefusal = reason;
      this.refusalLog.error(error.message);
    }
    this.failAll(() => error);
  }

  onRequestsLost(ids: readonly string[]): void {
    for (const id of ids) {
      this.fail(id, new PeerUnreachableError('the server went away before it answered'));
    }
  }

  /** The deserializer is the user's code: an error in it must not end the receive loop. */
  private onReply(value: unknown, socket: DealerSocket): void {
    let deserialized: unknown;
    try {
      deserialized = (this.options.deserializer?.deserialize(value) as unknown) ?? value;
    } catch (error) {
      this.log.error('a reply could not be deserialized', error);
      return;
    }
    if (this.deferred !== undefined || deserialized instanceof Promise) {
      this.settleLater(deserialized, socket);
    } else {
      this.onAnswer(deserialized, socket);
    }
  }

  private settleLater(deserialized: unknown, socket: DealerSocket): void {
    const previous = this.deferred;
    const mine = Promise.resolve(deserialized)
      .then(async (reply) => {
        await previous;
        this.onAnswer(reply, socket);
      })
      .catch(async (error: unknown) => {
        this.log.error('a reply could not be deserialized', error);
        await previous;
      })
      .finally(() => {
        if (this.deferred === mine) {
          this.deferred = undefined;
        }
      });
    this.deferred = mine;
  }

  private onAnswer(value: unknown, socket: DealerSocket): void {
    if (typeof value !== 'object' || value === null) {
      this.log.error('a reply is not an object');
      return;
    }
    const reply = value as Reply;
    if (this.settle(reply)) {
      socket.settle(String(reply.id));
    }
  }
}
