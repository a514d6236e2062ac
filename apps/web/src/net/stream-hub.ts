import { EventStream, type SseMessage, type StreamState } from './event-stream.js';

/** A window's request to the hub; each port serves one stream. */
export type StreamAsk =
  | { readonly kind: 'follow'; readonly url: string; readonly lastEventId: string | undefined }
  | { readonly kind: 'leave' }
  | { readonly kind: 'hurry' };

/** A message of the hub to a window. */
export type StreamNews =
  | { readonly kind: 'state'; readonly state: StreamState; readonly reason: string | undefined }
  | { readonly kind: 'message'; readonly message: SseMessage };

/** The hub's end of a window's port. */
export interface HubPort {
  postMessage(news: StreamNews): void;
}

/** How many characters of messages are kept for windows that come back. */
const KEPT_CHARACTERS = 4_000_000;
/** Servers send these when a stream begins and when they change: a window that joins later gets the newest. */
const STANDING = /"(?:type":"link|kind":"totals)"/;

/**
 * One stream of each address for all windows of the browser, which has six connections to a host over HTTP/1.1 for all of
 * them. A stream is open while any window follows it.
 */
export class StreamHub {
  private readonly streams = new Map<string, SharedStream>();

  constructor(private readonly fetchFrom: typeof fetch | undefined = undefined) {}

  /** Adds a window; returns the function to call with each of its requests. */
  join(port: HubPort): (ask: StreamAsk) => void {
    let followed: SharedStream | undefined;
    return (ask) => {
      if (ask.kind === 'follow') {
        followed = this.streamOf(ask.url);
        followed.add(port, ask.lastEventId);
      } else if (ask.kind === 'leave') followed?.remove(port);
      else followed?.hurry();
    };
  }

  private streamOf(url: string): SharedStream {
    const stream = this.streams.get(url) ?? new SharedStream(url, this.fetchFrom);
    this.streams.set(url, stream);
    return stream;
  }
}

/** One stream, and the windows that follow it. */
class SharedStream {
  private readonly ports = new Set<HubPort>();
  private readonly source: EventStream;
  /** The newest messages, oldest first. */
  private readonly kept: SseMessage[] = [];
  private keptCharacters = 0;
  private readonly standing = new Map<string, unknown>();
  private state: StreamNews = { kind: 'state', state: 'connecting', reason: undefined };

  constructor(url: string, fetchFrom: typeof fetch | undefined) {
    this.source = new EventStream({
      url,
      ...(fetchFrom && { fetch: fetchFrom }),
      onMessage: (message) => this.take(message),
      onState: (state, reason) => {
        this.state = { kind: 'state', state, reason };
        this.tell(this.state);
      },
    });
  }

  add(port: HubPort, lastEventId: string | undefined): void {
    if (this.ports.size > 0) port.postMessage(this.state);
    this.catchUp(port, lastEventId);
    this.ports.add(port);
    this.source.start();
  }

  remove(port: HubPort): void {
    if (this.ports.delete(port) && this.ports.size === 0) this.source.stop();
  }

  hurry(): void {
    this.source.hurry();
  }

  private take(message: SseMessage): void {
    this.kept.push(message);
    this.keptCharacters += message.data.length;
    while (this.keptCharacters > KEPT_CHARACTERS && this.kept.length > 1) {
      this.keptCharacters -= this.kept.shift()?.data.length ?? 0;
    }
    if (message.event === 'message' && STANDING.test(message.data)) this.keepStanding(message.data);
    this.tell({ kind: 'message', message });
  }

  private keepStanding(data: string): void {
    for (const item of JSON.parse(data) as { readonly type?: string; readonly kind?: string }[]) {
      const name = item.type ?? item.kind;
      if (name === 'link' || name === 'totals') this.standing.set(name, item);
    }
  }

  /** Sends a window all that it missed; when that is no longer kept, a `gap` and the current state. */
  private catchUp(port: HubPort, lastEventId: string | undefined): void {
    const newest = this.kept.at(-1);
    if (newest === undefined) return;
    const at = this.kept.findLastIndex(({ id }) => id !== undefined && id === lastEventId);
    if (at >= 0) {
      for (const message of this.kept.slice(at + 1)) port.postMessage({ kind: 'message', message });
      return;
    }
    if (lastEventId !== undefined) {
      const gap = { event: 'gap', data: '{"missed":0}', id: undefined };
      port.postMessage({ kind: 'message', message: gap });
    }
    if (this.standing.size === 0) return;
    const data = JSON.stringify([...this.standing.values()]);
    port.postMessage({ kind: 'message', message: { event: 'message', data, id: newest.id } });
  }

  private tell(news: StreamNews): void {
    for (const port of this.ports) port.postMessage(news);
  }
}
