import {
  BatchOutcome,
  type FailedEvent,
  isUnreadable,
  type MessageReader,
  unreadable,
  type UnreadableMessage,
  type PacketDispatcher,
  type RequestSink,
  type RejectedMessageReason,
} from '@app/transport-core';
import { MAX_NAMED_FAILURES, type ReceivedBatch } from '../../acknowledged/consumer/consumer.sessions.js';

export interface PayloadIntakeOptions {
  readonly reader: MessageReader;
  readonly dispatcher: PacketDispatcher;
  readonly onEvents: (count: number) => void;
  readonly onUnreadable: (unreadable: UnreadableMessage, receivedAtSeconds: number) => void;
}

/** From a payload frame to the dispatcher: what all pairs have in common. */
export class PayloadIntake {
  constructor(private readonly options: PayloadIntakeOptions) {}

  /** @returns the values of a payload; undefined for one that cannot be read, which is then reported. */
  read(frame: Buffer, receivedAtSeconds: number): readonly unknown[] | undefined {
    const values = this.options.reader.read(frame);
    if (isUnreadable(values)) {
      return this.refuse(values, receivedAtSeconds);
    }
    this.options.onEvents(values.length);
    return values;
  }

  /** Reads a payload and starts its handlers. */
  accept(frame: Buffer, receivedAtSeconds: number, sink?: RequestSink): Promise<void> | undefined {
    const values = this.read(frame, receivedAtSeconds);
    return values === undefined ? undefined : this.dispatch(values, receivedAtSeconds, sink);
  }

  dispatch(values: readonly unknown[], receivedAtSeconds: number, sink?: RequestSink): Promise<void> {
    return this.options.dispatcher.dispatch(values, receivedAtSeconds, sink);
  }

  /** Brings an acknowledged batch to its end. @returns the events that failed for good; undefined when some were given up. */
  async deliver({
    payload,
    count,
    skip,
    receivedAtSeconds,
  }: ReceivedBatch): Promise<readonly FailedEvent[] | undefined> {
    const values = this.readNumbered(payload, count, receivedAtSeconds);
    if (typeof values === 'string') {
      // The header may claim four thousand million events.
      return Array.from({ length: Math.min(count - skip, MAX_NAMED_FAILURES) }, (_, n) => ({
        index: skip + n,
        reason: values,
        detail: 'its batch could not be read',
      }));
    }
    const outcome = new BatchOutcome(values);
    const fresh = skip === 0 ? values : values.slice(skip);
    void this.options.dispatcher.dispatch(fresh, receivedAtSeconds, undefined, outcome);
    return outcome.settled;
  }

  /** @returns the values, or the reason for which there are none. */
  private readNumbered(
    payload: Buffer,
    count: number,
    receivedAtSeconds: number,
  ): readonly unknown[] | RejectedMessageReason {
    const { reader, onEvents, onUnreadable } = this.options;
    let values = reader.read(payload);
    if (!isUnreadable(values) && values.length !== count) {
      values = unreadable(
        'malformed',
        `the batch has ${values.length} events, its header says ${count}`,
        payload,
      );
    }
    if (isUnreadable(values)) {
      onUnreadable(values, receivedAtSeconds);
      return values.reason;
    }
    onEvents(values.length);
    return values;
  }

  refuse(message: UnreadableMessage, receivedAtSeconds: number): undefined {
    this.options.onUnreadable(message, receivedAtSeconds);
  }
}
