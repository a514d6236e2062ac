import type { Codec } from '../codec/codec.js';
import type { RejectedMessageReason } from './rejected-message.js';

/** A message that cannot be read: why, and what to show of it. */
export interface UnreadableMessage {
  readonly reason: RejectedMessageReason;
  readonly detail: string;
  readonly content: unknown;
}

export interface MessageLimits {
  readonly maxFrameBytes: number;
  readonly maxBatchEvents: number;
}

/** Turns the payload frame of a message into the values it carries. */
export class MessageReader {
  constructor(
    private readonly codec: Codec,
    private readonly limits: MessageLimits,
  ) {}

  /** @returns the values in their order, or why there are none. */
  read(frame: Buffer): readonly unknown[] | UnreadableMessage {
    const { maxFrameBytes, maxBatchEvents } = this.limits;
    if (frame.length > maxFrameBytes) {
      return unreadable(
        'oversize',
        `the frame has ${frame.length} bytes, the limit is ${maxFrameBytes}`,
        frame,
      );
    }
    let value: unknown;
    try {
      value = this.codec.decode(frame);
    } catch (error) {
      return unreadable('malformed', error instanceof Error ? error.message : String(error), frame);
    }
    if (!Array.isArray(value)) {
      return [value];
    }
    if (value.length > maxBatchEvents) {
      return unreadable(
        'batch_size',
        `the batch has ${value.length} events, the limit is ${maxBatchEvents}`,
        frame,
      );
    }
    return value;
  }
}

/** Tells the two results of {@link MessageReader.read} apart. */
export function isUnreadable(result: readonly unknown[] | UnreadableMessage): result is UnreadableMessage {
  return 'reason' in result;
}

export function unreadable(
  reason: RejectedMessageReason,
  detail: string,
  content: unknown,
): UnreadableMessage {
  return { reason, detail, content };
}

/** A message with another number of frames than its pair sends. Of millions of them none but the first is looked at. */
export function wrongFrameCount(expected: string, got: number, first: Buffer | undefined): UnreadableMessage {
  return unreadable('frame_count', `expected ${expected}, got ${got}`, first);
}
