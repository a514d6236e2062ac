import type { Codec } from '../codec/codec.interface.js';
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

/** Turns the frames of one PUSH message into the values it carries. */
export class MessageReader {
  constructor(
    private readonly codec: Codec,
    private readonly limits: MessageLimits,
  ) {}

  /** @returns the values in their order, or why there are none. */
  read(frames: readonly Buffer[]): readonly unknown[] | UnreadableMessage {
    const [frame] = frames;
    if (frame === undefined || frames.length !== 1) {
      return { reason: 'frame_count', detail: `expected 1 frame, got ${frames.length}`, content: frame };
    }
    const { maxFrameBytes, maxBatchEvents } = this.limits;
    if (frame.length > maxFrameBytes) {
      return {
        reason: 'oversize',
        detail: `the frame has ${frame.length} bytes, the limit is ${maxFrameBytes}`,
        content: frame,
      };
    }
    let value: unknown;
    try {
      value = this.codec.decode(frame);
    } catch (error) {
      return {
        reason: 'malformed',
        detail: error instanceof Error ? error.message : String(error),
        content: frame,
      };
    }
    if (!Array.isArray(value)) {
      return [value];
    }
    if (value.length > maxBatchEvents) {
      return {
        reason: 'batch_size',
        detail: `the batch has ${value.length} events, the limit is ${maxBatchEvents}`,
        content: frame,
      };
    }
    return value;
  }
}
