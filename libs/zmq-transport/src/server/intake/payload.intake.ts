import { isUnreadable, type MessageReader, type UnreadableMessage } from '../message-reader.js';
import type { PacketDispatcher, RequestSink } from '../packet-dispatcher.js';

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

  refuse(unreadable: UnreadableMessage, receivedAtSeconds: number): undefined {
    this.options.onUnreadable(unreadable, receivedAtSeconds);
  }
}
