import { createEventSource, type EventSourceClient, type EventSourceMessage } from 'eventsource-client';

/** Where a stream stands. */
export type StreamState = 'connecting' | 'open' | 'retrying' | 'paused';

/** One message of a stream of server-sent events. */
export interface SseMessage {
  /** `message` when the server named none. */
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

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
 * EventSource gives up for good on an answer other than 200, as a proxy gives while its server is away; `eventsource-client`
 * reads the stream, and would reconnect at one pace for ever.
 */
export class EventStream {
  private source: EventSourceClient | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private lastEventId: string | undefined;
  /** Grows whenever one is given up. */
  private attempt = 0;
  private retryMs = FIRST_RETRY_MS;
  /** Why the present attempt failed. */
  private reason = '';

  constructor(private readonly options: EventStreamOptions) {}

  /** Connects; does nothing while it is connected or about to be. */
  start(): void {
    if (this.source || this.retryTimer !== undefined) return;
    this.options.onState('connecting');
    this.reason = 'the stream ended';
    const attempt = this.attempt;
    // What comes late, of an attempt that was given up, is nothing.
    const ifCurrent = (act: () => void) => () => attempt === this.attempt && act();
    this.source = createEventSource({
      url: this.options.url,
      fetch: (url, init) => this.ask(String(url), init as RequestInit, attempt),
      ...(this.lastEventId !== undefined && { initialLastEventId: this.lastEventId }),
      onMessage: (message) => ifCurrent(() => this.take(message))(),
      onComment: ifCurrent(() => this.hear()),
      // Its own pause is always the same: this class makes the next attempt.
      onScheduleReconnect: ifCurrent(() => this.retryLater()),
    });
  }

  /** Leaves the stream; `start` resumes it where it was left. */
  stop(): void {
    this.leave();
    this.options.onState('paused');
  }

  /** Ends a pause between two attempts; does nothing otherwise. */
  hurry(): void {
    if (this.retryTimer === undefined) return;
    this.leave();
    this.retryMs = FIRST_RETRY_MS;
    this.start();
  }

  private async ask(url: string, init: RequestInit, attempt: number): Promise<Response> {
    try {
      const answer = await (this.options.fetch ?? fetch)(url, init);
      if (attempt !== this.attempt) return answer;
      if (!answer.ok || !answer.body) throw new Error(`answered ${answer.status}`);
      this.options.onState('open');
      this.retryMs = FIRST_RETRY_MS;
      this.hear();
      return answer;
    } catch (error) {
      if (attempt === this.attempt) this.reason = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  private take({ event = 'message', data, id }: EventSourceMessage): void {
    this.hear();
    this.options.onMessage({ event, data, id });
    if (id !== undefined) this.lastEventId = id;
  }

  private hear(): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => {
      this.reason = 'silent for too long';
      this.retryLater();
    }, SILENCE_MS);
  }

  private retryLater(): void {
    this.leave();
    this.options.onState('retrying', this.reason);
    // Up to a quarter is random: many pages must not reconnect at the same instant.
    const pauseMs = this.retryMs * (1 + Math.random() / 4);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      this.start();
    }, pauseMs);
  }

  private leave(): void {
    this.attempt += 1;
    this.source?.close();
    this.source = undefined;
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    clearTimeout(this.silenceTimer);
  }
}
