import type { Codec } from '../codec/codec.js';
import type { RejectedMessageReason } from './rejection.js';

/** A message that cannot be read: why, and the content to report. */
export interface UnreadableMessage {
  readonly reason: RejectedMessageReason;
  readonly detail: string;
  readonly content: unknown;
}

export interface MessageLimits {
  readonly maxFrameBytes: number;
  readonly maxBatchEvents: number;
}

/** Turns the payload frame of a message into the values that it carries. */
export class MessageReader {
  constructor(
    private readonly codec: Codec,
    readonly limits: MessageLimits,
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

/** A message whose number of frames its pair does not send. Only the first frame is looked at: there may be millions. */
export function wrongFrameCount(expected: string, got: number, first: Buffer | undefined): UnreadableMessage {
  return unreadable('frame_count', `expected ${expected}, got ${got}`, first);
}

/** Deeper than any value that is a name. Nest's normalization of a pattern stops at 5. */
const MAX_DEPTH = 16;

/** Whether the JSON of a decoded value has at most about this many characters. It looks at no more of the value than that. */
export function isWithin(root: unknown, characters: number): boolean {
  let left = characters;
  const take = (value: unknown, depth: number): boolean => {
    if (typeof value === 'string') {
      left -= value.length + 2;
    } else if (ArrayBuffer.isView(value)) {
      left -= value.byteLength;
    } else if (typeof value === 'object' && value !== null) {
      return depth < MAX_DEPTH && takeAll(value, depth);
    } else {
      left -= 4;
    }
    return left >= 0;
  };
  const takeAll = (value: object, depth: number): boolean => {
    left -= 2;
    for (const key in value) {
      left -= key.length + 3;
      if (left < 0 || !take((value as Record<string, unknown>)[key], depth + 1)) {
        return false;
      }
    }
    return left >= 0;
  };
  return take(root, 0);
}
