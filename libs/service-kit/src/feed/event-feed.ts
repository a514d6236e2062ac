import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemException } from '../problem/problem.js';
import { EventRing, type RingSlice } from './event-ring.js';

/** Asks browsers to come back after a second, and opens the stream through proxies that wait for a first byte. */
const OPENING_FRAME = 'retry: 1000\n\n';

/** A comment that readers ignore: it keeps proxies from cutting an idle connection. */
const HEARTBEAT_FRAME = ': still here\n\n';

/**
 * One server-sent message with all `items` as a JSON array. Items that were overwritten before they could
 * be sent are announced first, by a `gap` event with their number: a feed may skip items, but says so.
 */
function toFrame<T>(id: string, { items, missed }: RingSlice<T>): string {
  const gap = missed > 0 ? `event: gap\ndata: {"missed":${missed}}\n\n` : '';
  return `${gap}id: ${id}\ndata: ${JSON.stringify(items)}\n\n`;
}

/** Limits of a feed. */
export interface EventFeedOptions {
  /** Items kept for batches and for `Last-Event-ID` replay. @default 4096 */
  ringItems?: number;
  /** Milliseconds between two messages to a client. @default 100 */
  intervalMs?: number;
  /** Milliseconds without a message after which a comment is sent. @default 15000 */
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

/** A reader that returns may need a whole ring to be written; readers at the same position share it. */
const REPLAYS_PER_TICK = 4;

/** A reader, and how far it is. */
interface Reader<T> {
  /** Number of the last item that it has. */
  position: number;
  /** Makes the item that it gets once it is up to date; undefined when it has it already, or there is none. */
  greeting: (() => T) | undefined;
}

/**
 * A server-sent-events stream for many readers. `publish` only stores the item in a ring; once every `intervalMs`, and only
 * while somebody listens, new items go out as one message `data: [...]`. A reader that comes back with `Last-Event-ID` gets the
 * items that it missed, as far as the ring still has them. A new reader costs only its own first bytes: readers that come and
 * go do not disturb the others.
 */
export class EventFeed<T> {
  private readonly options: Required<EventFeedOptions>;
  private readonly ring: EventRing<T>;
  private readonly clients = new Map<ServerResponse, Reader<T>>();
  // Part of every id, because the numbers of another process mean other items.
  private readonly epoch = Date.now().toString(36);
  /** The number up to which the last tick brought all readers. */
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
   * @param greeting makes an item for this reader alone, once it is up to date: how things are now
   * @throws ProblemException 503 when the feed is closed or has as many clients as it may have.
   */
  serve(request: FastifyRequest, reply: FastifyReply, greeting?: () => T): void {
    if (this.closed || this.clients.size >= this.options.maxClients) {
      const detail = this.closed ? 'The service is stopping.' : 'Too many streams are open; try again later.';
      throw new ProblemException({ status: 503, detail, headers: { 'retry-after': '5' } });
    }
    // HEAD must not hold one of the few streams.
    if (request.method === 'HEAD') {
      void reply.headers(HEADERS).send();
      return;
    }
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...HEADERS });
    const reader = { position: this.positionOf(request.headers['last-event-id']), greeting };
    response.write(OPENING_FRAME + (reader.position === this.ring.last ? this.greetingOf(reader) : ''));
    response.on('close', () => this.forget(response));
    response.on('error', () => this.forget(response));
    this.clients.set(response, reader);
    if (this.timer !== undefined) return;
    this.sentUpTo = this.ring.last;
    this.timer = setInterval(() => this.tick(), this.options.intervalMs);
  }

  /** Sends what is still new, ends every stream and accepts no other. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    for (const client of this.clients.keys()) client.end();
    this.clients.clear();
    this.stopTimer();
  }

  private tick(): void {
    const sent = this.flush();
    this.sentUpTo = this.ring.last;
    this.quietMs = sent ? 0 : this.quietMs + this.options.intervalMs;
    if (this.quietMs < this.options.heartbeatMs) return;
    this.quietMs = 0;
    const bytes = Buffer.from(HEARTBEAT_FRAME);
    for (const client of this.clients.keys()) this.send(client, bytes);
  }

  /** Brings readers up to date, those at the same position by one message that is written once. True when any was sent. */
  private flush(): boolean {
    const { last } = this.ring;
    const frames = new Map<number, Buffer>();
    let replays = 0;
    for (const [client, reader] of this.clients) {
      if (reader.position === last) continue;
      let frame = frames.get(reader.position);
      if (frame === undefined) {
        // Items from before the last tick are a replay; it may have to wait for a later tick.
        const isReplay = reader.position < this.sentUpTo;
        if (isReplay && replays === REPLAYS_PER_TICK) continue;
        if (isReplay) replays += 1;
        frame = Buffer.from(toFrame(this.id(last), this.ring.after(reader.position)));
        frames.set(reader.position, frame);
      }
      reader.position = last;
      const greeting = this.greetingOf(reader);
      this.send(client, greeting === '' ? frame : Buffer.concat([frame, Buffer.from(greeting)]));
    }
    return frames.size > 0;
  }

  private send(client: ServerResponse, bytes: Buffer): void {
    if (client.writableLength > this.options.maxBacklogBytes) this.drop(client);
    else client.write(bytes);
  }

  /** The text for a reader that is up to date for the first time; empty afterwards. */
  private greetingOf(reader: Reader<T>): string {
    const { greeting } = reader;
    if (greeting === undefined) return '';
    reader.greeting = undefined;
    return toFrame(this.id(reader.position), { items: [greeting()], missed: 0 });
  }

  /**
   * Where a reader continues: behind the items that it has; at the beginning when its id is not ours; at the newest item
   * without an id.
   */
  private positionOf(lastEventId: string | string[] | undefined): number {
    if (typeof lastEventId !== 'string') return this.ring.last;
    const [epoch, position] = lastEventId.split('-', 2);
    const known = epoch === this.epoch ? Number(position) : 0;
    return Number.isSafeInteger(known) && known >= 0 ? Math.min(known, this.ring.last) : 0;
  }

  private id(position: number): string {
    return `${this.epoch}-${position}`;
  }

  /** Not with `end()`, which would wait for a client that does not read. */
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
