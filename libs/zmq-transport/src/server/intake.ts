import {
  BatchOutcome,
  type HandlerRegistry,
  isUnreadable,
  type MessageReader,
  type PacketDispatcher,
  type RejectedMessageReason,
  type RequestSink,
  unreadable,
  type UnreadableMessage,
  wrongFrameCount,
} from '@app/transport-core';
import type { HandledBatch } from '../acknowledged/consumer/consumer.js';
import { MAX_NAMED_FAILURES } from '../acknowledged/consumer/consumer-sessions.js';
import type { ReceivedBatch } from '../acknowledged/consumer/followed-producer.js';
import { MissedEvents, TOPIC_HEADER_BYTES } from '../wire/topic-header.js';

/** Takes messages one by one, and sends answers to them. */
export interface AnsweringIntake {
  /** Takes one message; a promise makes the receive loop wait. Must not throw. */
  accept(frames: readonly Buffer[], receivedAtSeconds: number): Promise<void> | undefined;
  /** Whether a message only checks that the server is there, and brings no work. */
  isBeat(frames: readonly Buffer[]): boolean;
  /** Waits until nothing is left to be sent back. */
  settled(): Promise<void>;
}

/** Takes messages that wait in the socket together, so that the costs of a batch are paid once for all of them. */
export interface GatheringIntake {
  /**
   * Takes one message, without starting a handler. Must not throw.
   * @param receivedAtSeconds when the first of them was taken
   * @returns whether another message may join them
   */
  gather(frames: readonly Buffer[], receivedAtSeconds: number): boolean;
  /** Starts the handlers of the gathered messages; a promise makes the receive loop wait. Must not throw. */
  dispatch(receivedAtSeconds: number): Promise<void> | undefined;
}

/** What a socket pair makes of the messages it receives. */
export type Intake = AnsweringIntake | GatheringIntake;

export interface PayloadIntakeOptions {
  readonly reader: MessageReader;
  readonly dispatcher: PacketDispatcher;
  readonly onEvents: (count: number) => void;
  readonly onUnreadable: (unreadable: UnreadableMessage, receivedAtSeconds: number) => void;
}

/** Most events, and bytes, of messages that go to their handlers together. */
const MAX_TOGETHER_EVENTS = 256;
const MAX_TOGETHER_BYTES = 262_144;

/** Brings a payload frame to the dispatcher; all socket pairs use it. */
export class PayloadIntake {
  /** The values of messages that were taken and not dispatched yet; for a single message, its own array. */
  private together: readonly unknown[] | undefined;
  private ownArray: unknown[] | undefined;
  private togetherBytes = 0;

  constructor(private readonly options: PayloadIntakeOptions) {}

  /** Keeps what was read for {@link dispatchTogether}. @returns whether there is room for another message beside it */
  keep(values: readonly unknown[], bytes: number): boolean {
    if (this.together === undefined) {
      this.together = values;
    } else {
      if (this.ownArray === undefined) {
        this.ownArray = [...this.together];
        this.together = this.ownArray;
      }
      for (const value of values) {
        this.ownArray.push(value);
      }
    }
    this.togetherBytes += bytes;
    const { length } = this.together;
    return (
      length < MAX_TOGETHER_EVENTS &&
      this.togetherBytes < MAX_TOGETHER_BYTES &&
      // What may not start yet waits in the socket, where it slows its sender.
      length < this.options.dispatcher.room
    );
  }

  /** Starts the handlers of all that was kept. */
  dispatchTogether(receivedAtSeconds: number): Promise<void> | undefined {
    const values = this.together;
    this.together = undefined;
    this.ownArray = undefined;
    this.togetherBytes = 0;
    return values === undefined ? undefined : this.dispatch(values, receivedAtSeconds);
  }

  /** @returns the values of a payload; undefined for an unreadable one, which it reports. */
  read(frame: Buffer, receivedAtSeconds: number): readonly unknown[] | undefined {
    const values = this.readOrReport(frame, receivedAtSeconds);
    return typeof values === 'string' ? undefined : values;
  }

  /** Reads a payload and starts its handlers. */
  accept(frame: Buffer, receivedAtSeconds: number, sink?: RequestSink): Promise<void> | undefined {
    const values = this.read(frame, receivedAtSeconds);
    return values === undefined ? undefined : this.dispatch(values, receivedAtSeconds, sink);
  }

  dispatch(
    values: readonly unknown[],
    receivedAtSeconds: number,
    sink?: RequestSink,
  ): Promise<void> | undefined {
    return this.options.dispatcher.dispatch(values, receivedAtSeconds, sink);
  }

  /** Runs the handlers of an acknowledged batch. @returns undefined when some of its events were given up. */
  async handle({
    payload,
    count,
    skip,
    receivedAtSeconds,
  }: ReceivedBatch): Promise<HandledBatch | undefined> {
    const values = this.readOrReport(payload, receivedAtSeconds, count);
    if (typeof values === 'string') {
      // The header may claim four billion events.
      const failed = Array.from({ length: Math.min(count - skip, MAX_NAMED_FAILURES) }, (_, n) => ({
        index: skip + n,
        reason: values,
        detail: 'its batch could not be read',
      }));
      return { events: undefined, failed };
    }
    const outcome = new BatchOutcome(skip);
    const fresh = skip === 0 ? values : values.slice(skip);
    void this.options.dispatcher.dispatch(fresh, receivedAtSeconds, undefined, outcome);
    const failed = await outcome.settled;
    return failed && { events: fresh.length, failed };
  }

  /**
   * @param count how many values the header claims, if there is a header
   * @returns the values, or the reason why there are none
   */
  private readOrReport(
    frame: Buffer,
    receivedAtSeconds: number,
    count?: number,
  ): readonly unknown[] | RejectedMessageReason {
    let values = this.options.reader.read(frame);
    if (count !== undefined && !isUnreadable(values) && values.length !== count) {
      const detail = `the batch has ${values.length} events, its header says ${count}`;
      values = unreadable('malformed', detail, frame);
    }
    if (isUnreadable(values)) {
      this.refuse(values, receivedAtSeconds);
      return values.reason;
    }
    this.options.onEvents(values.length);
    return values;
  }

  refuse(message: UnreadableMessage, receivedAtSeconds: number): undefined {
    this.options.onUnreadable(message, receivedAtSeconds);
  }
}

/** PUSH/PULL: one frame, the payload. */
export class PullIntake implements GatheringIntake {
  constructor(private readonly payload: PayloadIntake) {}

  gather(frames: readonly Buffer[], receivedAtSeconds: number): boolean {
    const [frame] = frames;
    if (frame === undefined || frames.length !== 1) {
      this.payload.refuse(wrongFrameCount('1 frame', frames.length, frame), receivedAtSeconds);
      return true;
    }
    const values = this.payload.read(frame, receivedAtSeconds);
    return values === undefined || this.payload.keep(values, frame.length);
  }

  dispatch(receivedAtSeconds: number): Promise<void> | undefined {
    return this.payload.dispatchTogether(receivedAtSeconds);
  }
}

/**
 * PUB/SUB: topic, header, payload. The header may be missing (any PUB socket can send `[topic, payload]`); then missed events
 * cannot be counted.
 */
export class SubscribeIntake implements GatheringIntake {
  private readonly missed = new MissedEvents();

  constructor(
    private readonly payload: PayloadIntake,
    private readonly handlers: HandlerRegistry,
    private readonly onMissed: (events: number) => void,
  ) {}

  gather(frames: readonly Buffer[], receivedAtSeconds: number): boolean {
    const [topicFrame, header] = frames;
    const payload = frames.at(-1);
    if (topicFrame === undefined || header === undefined || payload === undefined || frames.length > 3) {
      this.payload.refuse(wrongFrameCount('2 or 3 frames', frames.length, topicFrame), receivedAtSeconds);
      return true;
    }
    const topic = topicFrame.toString();
    const { handler, batchHandler } = this.handlers.find(topic);
    if (handler === undefined && batchHandler === undefined) {
      // Subscriptions are prefixes: one for "trade" also brings "trades", which has no handler here.
      return true;
    }
    const values = this.payload.read(payload, receivedAtSeconds);
    if (values === undefined) {
      return true;
    }
    if (frames.length === 3 && header.length === TOPIC_HEADER_BYTES) {
      this.onMissed(this.missed.note(topic, header, values.length));
    }
    return this.payload.keep(values, payload.length);
  }

  dispatch(receivedAtSeconds: number): Promise<void> | undefined {
    return this.payload.dispatchTogether(receivedAtSeconds);
  }
}
