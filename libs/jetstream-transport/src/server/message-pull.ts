import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import { Deque } from '@app/transport-core';
import type { BrokerSession } from '../broker.js';

const NANOS_PER_MS = 1_000_000;
const EXPIRES_MS = 10_000;
const HEARTBEAT_MS = 2_000;
/** A broker that sends neither a message nor a heartbeat for this long has forgotten the request, or its consumer is gone. */
const SILENCE_MS = 2 * HEARTBEAT_MS;
const MOST_SILENCES = 3;
const STATUS = { heartbeat: 100, noMessages: 404, timeout: 408, conflict: 409 } as const;
/** Conflicts that end one request, and not the consumer. */
const PASSING = /message size exceeds|batch completed|leadership change|server shutdown|max ?ack ?pending/i;
const TOO_LARGE = /message size exceeds/i;

/** A message of a stream, as its consumer delivers it. */
export interface StoredMessage {
  readonly data: Uint8Array;
  /** Its number in the stream. */
  readonly sequence: number;
  /** The how many-th message it is that the consumer delivers, repeated ones included. */
  readonly delivery: number;
  /** When the broker stored it, in unix epoch seconds. */
  readonly storedAtSeconds: number;
  /** Messages that the consumer has behind it. */
  readonly behind: number;
  /** What acknowledges it is published here. */
  readonly reply: string;
}

export interface MessagePullOptions {
  readonly stream: string;
  readonly consumer: string;
  /** Most messages that may wait for `take`. */
  readonly maxMessages: number;
  /** Most bytes of them; a message that is larger comes alone. */
  readonly maxBytes: number;
  /** It came, and waits for `take`. */
  readonly onMessage: (message: StoredMessage) => void;
  /** The broker says that it has nothing to send now. */
  readonly onIdle?: () => void;
  /** No more come. */
  readonly onEnd: (why: Error) => void;
}

/**
 * Asks a pull consumer for as many messages as there is room for, by number and by bytes. The client library's own `consume` bounds
 * one of the two: many large messages at once make the broker drop the connection as a slow consumer.
 */
export class MessagePull {
  private readonly inbox = createInbox();
  private readonly waiting = new Deque<StoredMessage>();
  private bytes = 0;
  private subscription: Subscription | undefined;
  private silence: NodeJS.Timeout | undefined;
  private requests = 0;
  /** Messages that the running request may still bring; 0: there is no request. */
  private asked = 0;
  private isUnanswered = false;
  private isNextLarge = false;
  private isOver = false;
  /** Requests in a row that nothing answered, though the consumer is there. */
  private silences = 0;

  constructor(
    private readonly session: BrokerSession,
    private readonly options: MessagePullOptions,
  ) {}

  /** Messages that wait. */
  get size(): number {
    return this.waiting.size;
  }

  get oldest(): StoredMessage | undefined {
    return this.waiting.oldest;
  }

  /** Whether no more come before some are taken. */
  get isFull(): boolean {
    return !this.hasRoom;
  }

  start(): void {
    this.subscription = this.session.connection.subscribe(`${this.inbox}.*`, {
      callback: (error, message) => {
        if (error === null) {
          this.receive(message);
        } else {
          this.endWith(error);
        }
      },
    });
    this.ask();
  }

  /** The oldest message that waits. */
  take(): StoredMessage | undefined {
    const message = this.waiting.shift();
    if (message !== undefined) {
      this.bytes -= message.data.length;
      this.ask();
    }
    return message;
  }

  /** Asks for nothing more, and forgets what waits. */
  stop(): void {
    this.isOver = true;
    clearTimeout(this.silence);
    this.subscription?.unsubscribe();
    this.waiting.takeAll();
  }

  private endWith(why: Error): void {
    if (!this.isOver) {
      this.stop();
      this.options.onEnd(why);
    }
  }

  private get hasRoom(): boolean {
    const { maxMessages, maxBytes } = this.options;
    return this.isNextLarge ? this.size === 0 : this.size <= maxMessages / 2 && this.bytes <= maxBytes / 2;
  }

  /** One request at a time: what waits is work enough until it is answered. */
  private ask(): void {
    if (this.asked > 0 || this.isOver || this.subscription === undefined || !this.hasRoom) {
      return;
    }
    const { stream, consumer, maxMessages, maxBytes } = this.options;
    const batch = this.isNextLarge ? 1 : maxMessages - this.size;
    const request = {
      batch,
      expires: EXPIRES_MS * NANOS_PER_MS,
      idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS,
      ...(this.isNextLarge ? {} : { max_bytes: maxBytes - this.bytes }),
    };
    this.asked = batch;
    this.isUnanswered = true;
    this.isNextLarge = false;
    this.requests += 1;
    this.session.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      JSON.stringify(request),
      { reply: this.replyTo },
    );
    this.listen();
  }

  private get replyTo(): string {
    return `${this.inbox}.${this.requests}`;
  }

  private receive(message: Msg): void {
    this.silences = 0;
    if (message.subject.startsWith(this.inbox)) {
      // An earlier request has nothing to say any more.
      if (message.subject === this.replyTo) {
        const { code = 0, description = '' } = message.headers ?? {};
        this.onStatus(code, description);
      }
      return;
    }
    const stored = storedMessage(message);
    this.waiting.push(stored);
    this.bytes += stored.data.length;
    this.isUnanswered = false;
    this.asked = Math.max(0, this.asked - 1);
    this.listen();
    this.ask();
    this.options.onMessage(stored);
  }

  private onStatus(code: number, description: string): void {
    if (code === STATUS.heartbeat) {
      this.listen();
      this.options.onIdle?.();
      return;
    }
    const isPassing =
      code === STATUS.noMessages ||
      code === STATUS.timeout ||
      (code === STATUS.conflict && PASSING.test(description));
    if (!isPassing) {
      this.endWith(new Error(`the broker says ${description === '' ? code : description.toLowerCase()}`));
      return;
    }
    this.isNextLarge = TOO_LARGE.test(description) && this.isUnanswered;
    this.asked = 0;
    this.listen();
    this.ask();
  }

  /** The broker is heard, or is to be heard soon. */
  private listen(): void {
    if (this.asked === 0) {
      clearTimeout(this.silence);
      this.silence = undefined;
    } else if (this.silence === undefined) {
      this.silence = setTimeout(() => void this.onSilence(), SILENCE_MS);
    } else {
      this.silence.refresh();
    }
  }

  private async onSilence(): Promise<void> {
    this.silence = undefined;
    try {
      const { stream, consumer } = this.options;
      await this.session.manager.consumers.info(stream, consumer);
      this.silences += 1;
    } catch (error) {
      if (isGone(error)) {
        this.endWith(error as Error);
        return;
      }
      // A broker that is away, or elects a leader, is asked again.
    }
    if (this.silences >= MOST_SILENCES) {
      this.endWith(new Error('the broker does not answer requests for messages'));
    } else if (!this.isOver) {
      this.asked = 0;
      this.ask();
    }
  }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.ConsumerNotFound || error.code === JetStreamApiCodes.StreamNotFound)
  );
}

/** Reads what the reply subject says: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<tries>.<sequence>.<delivery>.<time>.<behind>`. */
function storedMessage({ reply = '', data }: Msg): StoredMessage {
  const tokens = reply.split('.');
  const at = tokens.length === 9 ? 4 : 6;
  const [, sequence, delivery, nanos, behind] = tokens.slice(at);
  return {
    data,
    sequence: Number(sequence),
    delivery: Number(delivery),
    storedAtSeconds: Number(BigInt(nanos ?? 0) / 1000n) / 1e6,
    behind: Number(behind),
    reply,
  };
}
