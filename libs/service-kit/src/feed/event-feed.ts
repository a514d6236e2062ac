import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemException } from '../problem/problem.exception.js';
import { EventRing } from './event-ring.js';
import { HEARTBEAT_FRAME, OPENING_FRAME, toFrame } from './feed-frame.js';

/** Limits of a feed. */
export interface EventFeedOptions {
  /** Items kept for batches and for `Last-Event-ID` replay. @default 4096 */
  ringItems?: number;
  /** Milliseconds between two messages to a client. @default 100 */
  intervalMs?: number;
  /** Milliseconds of quiet after which a comment is sent. @default 15000 */
  heartbeatMs?: number;
  /** Bytes that may wait for a client before it is dropped as too slow. @default 1 MiB */
  maxBacklogBytes?: number;
  /** Streams open at a time; the next one gets 503. @default 256 */
  maxClients?: number;
}

/** A feed's counters since it was made; `clients` is now. */
export interface EventFeedStats {
  clients: number;
  published: number;
  droppedClients: number;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  connection: 'keep-alive',
  // nginx would otherwise hold messages back until its buffer is full.
  'x-accel-buffering': 'no',
} as const;

/**
 * A server-sent-events stream for many readers. `publish` only stores the item in a ring; once every
 * `intervalMs`, and only while somebody listens, what is new goes out as one message `data: [...]`.
 * A reader that comes back with `Last-Event-ID` gets what it missed as far as the ring still has it.
 */
export class EventFeed<T> {
  private readonly options: Required<EventFeedOptions>;
  private readonly ring: EventRing<T>;
  private readonly clients = new Set<ServerResponse>();
  // Ids of another process must not be taken for ours: its numbers mean other items.
  private readonly epoch = Date.now().toString(36);
  private sentUpTo = 0;
  private quietMs = 0;
  private droppedClients = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(options: EventFeedOptions = {}) {
    this.options = {
      ringItems: options.ringItems ?? 4096,
      intervalMs: options.intervalMs ?? 100,
      heartbeatMs: options.heartbeatMs ?? 15_000,
      maxBacklogBytes: options.maxBacklogBytes ?? 1024 * 1024,
      maxClients: options.maxClients ?? 256,
    };
    this.ring = new EventRing<T>(this.options.ringItems);
  }

  /** Hot path: O(1), no serialization. The item is serialized later, so it must not be changed afterwards. */
  publish(item: T): void {
    this.ring.add(item);
  }

  /** The newest items, oldest first, at most `count`. */
  latest(count: number): T[] {
    return this.ring.after(Math.max(0, this.ring.last - count)).items;
  }

  stats(): EventFeedStats {
    return { clients: this.clients.size, published: this.ring.last, droppedClients: this.droppedClients };
  }

  /**
   * Turns this request into a stream; call it from a handler that took the reply with `@Res()`.
   *
   * @throws ProblemException 503 when the feed is closed or has as many clients as it may have.
   */
  serve(request: FastifyRequest, reply: FastifyReply): void {
    if (this.closed || this.clients.size >= this.options.maxClients) {
      const detail = this.closed ? 'The service is stopping.' : 'Too many streams are open; try again later.';
      throw new ProblemException({ status: 503, detail, headers: { 'retry-after': '5' } });
    }
    // Bring everybody up to date first, so that one position serves all clients from here on.
    this.flush();
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, HEADERS);
    response.write(OPENING_FRAME + this.replay(request.headers['last-event-id']));
    response.on('close', () => this.forget(response));
    response.on('error', () => this.forget(response));
    this.clients.add(response);
    this.timer ??= setInterval(() => this.tick(), this.options.intervalMs);
  }

  /** Sends what is still new, ends every stream and accepts no other. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    for (const client of this.clients) client.end();
    this.clients.clear();
    this.stopTimer();
  }

  private tick(): void {
    if (this.flush()) return;
    this.quietMs += this.options.intervalMs;
    if (this.quietMs >= this.options.heartbeatMs) this.send(HEARTBEAT_FRAME);
  }

  /** True when something was sent. */
  private flush(): boolean {
    if (this.ring.last === this.sentUpTo) return false;
    const slice = this.clients.size > 0 ? this.ring.after(this.sentUpTo) : undefined;
    this.sentUpTo = this.ring.last;
    if (slice) this.send(toFrame(this.id(), slice));
    return slice !== undefined;
  }

  private send(frame: string): void {
    this.quietMs = 0;
    const bytes = Buffer.from(frame);
    for (const client of this.clients) {
      if (client.writableLength > this.options.maxBacklogBytes) this.drop(client);
      else client.write(bytes);
    }
  }

  private replay(lastEventId: string | string[] | undefined): string {
    if (typeof lastEventId !== 'string') return '';
    const [epoch, position] = lastEventId.split('-');
    const known = epoch === this.epoch ? Number(position) : 0;
    const slice = this.ring.after(Number.isSafeInteger(known) && known >= 0 ? known : 0);
    return slice.items.length > 0 ? toFrame(this.id(), slice) : '';
  }

  private id(): string {
    return `${this.epoch}-${this.ring.last}`;
  }

  /** Not `end()`: that would wait for the very client that does not read. */
  private drop(client: ServerResponse): void {
    this.droppedClients += 1;
    this.forget(client);
    client.destroy();
  }

  private forget(client: ServerResponse): void {
    this.clients.delete(client);
    if (this.clients.size === 0) this.stopTimer();
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
