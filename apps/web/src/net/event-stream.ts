import { SseParser, type SseMessage } from './sse-parser.js';

/** Where a stream stands. */
export type StreamState = 'connecting' | 'open' | 'retrying' | 'paused';

/** How a stream reports to its owner. */
export interface EventStreamOptions {
  readonly url: string;
  readonly onMessage: (message: SseMessage) => void;
  /** `reason` is in plain words while it retries. */
  readonly onState: (state: StreamState, reason?: string) => void;
  /** @default the browser's */
  readonly fetch?: typeof fetch;
}

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 5000;
/** Servers send a comment every 15 s: a stream that is silent for longer is dead, whatever TCP thinks. */
const SILENCE_MS = 35_000;

/**
 * Follows server-sent events and reconnects after any failure, with growing pauses and `Last-Event-ID`. The browser's own
 * EventSource gives up for good on an answer other than 200, as a proxy gives while its server is away.
 */
export class EventStream {
  private abort: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastEventId: string | undefined;
  private retryMs = FIRST_RETRY_MS;

  constructor(private readonly options: EventStreamOptions) {}

  /** Connects; does nothing while it is connected. */
  start(): void {
    if (this.abort) return;
    this.abort = new AbortController();
    void this.follow(this.abort);
  }

  /** Leaves the stream; `start` resumes it where it was left. */
  stop(): void {
    this.abort?.abort();
    this.abort = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.options.onState('paused');
  }

  /** Ends a pause between two attempts; does nothing otherwise. */
  hurry(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.abort = undefined;
    this.retryMs = FIRST_RETRY_MS;
    this.start();
  }

  private async follow(abort: AbortController): Promise<void> {
    this.options.onState('connecting');
    let reason = 'the stream ended';
    try {
      await this.read(abort);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (this.abort !== abort) return;
    this.options.onState('retrying', reason);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.abort = undefined;
      this.start();
    }, this.pauseMs());
  }

  /** Up to a quarter is random: many pages must not reconnect at the same instant. */
  private pauseMs(): number {
    const pause = this.retryMs * (1 + Math.random() / 4);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    return pause;
  }

  private async read(abort: AbortController): Promise<void> {
    const headers = {
      accept: 'text/event-stream',
      ...(this.lastEventId && { 'last-event-id': this.lastEventId }),
    };
    const send = this.options.fetch ?? fetch;
    const answer = await send(this.options.url, { headers, signal: abort.signal, cache: 'no-store' });
    if (!answer.ok || !answer.body) throw new Error(`answered ${answer.status}`);
    this.options.onState('open');
    this.retryMs = FIRST_RETRY_MS;
    const reader = answer.body
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, BufferSource>)
      .getReader();
    const parser = new SseParser();
    for (;;) {
      const silence = setTimeout(() => abort.abort(new Error('silent for too long')), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      for (const message of parser.push(value)) this.take(message);
    }
  }

  private take(message: SseMessage): void {
    this.options.onMessage(message);
    if (message.id !== undefined) this.lastEventId = message.id;
  }
}
