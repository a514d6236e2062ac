import { EventStream, type EventStreamOptions } from './event-stream.js';
import type { StreamAsk, StreamNews } from './stream-hub.js';

/** A stream that can be left and resumed. */
export type Stream = Pick<EventStream, 'start' | 'stop' | 'hurry'>;

/** Follows a stream together with all other windows of this browser; alone in a browser without shared workers. */
export function openStream(options: EventStreamOptions): Stream {
  return typeof SharedWorker === 'undefined' ? new EventStream(options) : new WindowStream(options);
}

/** This window's part of a stream. The worker decides which connection it comes from. */
class WindowStream implements Stream {
  private port: MessagePort | undefined;
  private lastEventId: string | undefined;
  private isFollowing = false;
  /** Set once the worker could not be started. */
  private alone: EventStream | undefined;

  constructor(private readonly options: EventStreamOptions) {}

  start(): void {
    if (this.isFollowing) return;
    this.isFollowing = true;
    this.options.onState('connecting');
    if (this.alone) this.alone.start();
    else this.follow();
  }

  stop(): void {
    this.isFollowing = false;
    if (this.alone) this.alone.stop();
    else {
      this.ask({ kind: 'leave' });
      this.options.onState('paused');
    }
  }

  hurry(): void {
    if (this.alone) this.alone.hurry();
    else this.ask({ kind: 'hurry' });
  }

  private follow(): void {
    this.port ??= this.connect();
    // A worker has its own address: it would resolve a relative one beside its script.
    const url = new URL(this.options.url, document.baseURI).href;
    this.ask({ kind: 'follow', url, lastEventId: this.lastEventId });
  }

  private connect(): MessagePort {
    const worker = new SharedWorker(new URL('./stream-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('error', () => this.goOnAlone());
    worker.port.addEventListener('message', ({ data }: MessageEvent<StreamNews>) => this.take(data));
    worker.port.start();
    return worker.port;
  }

  private goOnAlone(): void {
    if (this.alone) return;
    this.alone = new EventStream(this.options);
    if (this.isFollowing) this.alone.start();
  }

  private ask(ask: StreamAsk): void {
    this.port?.postMessage(ask);
  }

  private take(news: StreamNews): void {
    // Messages that were on their way when this window left come again when it returns.
    if (!this.isFollowing || this.alone) return;
    if (news.kind === 'state') this.options.onState(news.state, news.reason);
    else {
      this.lastEventId = news.message.id ?? this.lastEventId;
      this.options.onMessage(news.message);
    }
  }
}
