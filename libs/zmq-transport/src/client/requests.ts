import type { WritePacket } from '@nestjs/microservices';
import type { ThrottledLog } from '@app/transport-core';
import { RequestTimeoutError } from '../errors.js';

/** An answer, or one of several, as Nest's server sends it. */
export interface Reply extends WritePacket {
  readonly id?: unknown;
}

interface PendingRequest {
  readonly callback: (packet: WritePacket) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** The requests whose final answer has not come. Each ends exactly once: by an answer, an error, or its caller. */
export class Requests {
  private readonly pending = new Map<string, PendingRequest>();
  private lastId = 0;

  constructor(
    private readonly log: ThrottledLog,
    /** A request ran out of time; it is not pending any more. */
    private readonly onTimeout: (id: string) => void,
  ) {}

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
    const timer = timeoutMs > 0 ? setTimeout(() => this.expire(id, timeoutMs), timeoutMs) : undefined;
    this.pending.set(id, { callback, timer });
    return id;
  }

  /** Passes an answer on. @returns whether it was the last one of its request. */
  settle(reply: Reply): boolean {
    // Ours are strings. What a server sends may be anything, also an object that is no text and throws when asked for one.
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
    // Of those that are pending now: a callback may add others.
    const ids = [...this.pending.keys()];
    for (const id of ids) {
      this.fail(id, makeError());
    }
  }

  /** The caller waits no longer. @returns whether the request was pending. */
  remove(id: string): boolean {
    clearTimeout(this.pending.get(id)?.timer);
    return this.pending.delete(id);
  }

  private expire(id: string, timeoutMs: number): void {
    const request = this.pending.get(id);
    if (request !== undefined) {
      this.remove(id);
      this.onTimeout(id);
      this.call(request, { err: new RequestTimeoutError(timeoutMs), isDisposed: true });
    }
  }

  /** One caller's fault must not keep the answers of others back. */
  private call({ callback }: PendingRequest, packet: WritePacket): void {
    try {
      callback(packet);
    } catch (error) {
      this.log.error('a reply callback threw', error);
    }
  }
}
