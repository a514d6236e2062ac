/**
 * Why a message, or one event of it, was not handled.
 * - `malformed`: the codec or the deserializer could not read it
 * - `frame_count`: not exactly the frames that the socket pair sends
 * - `oversize`: a frame over `maxFrameBytes`
 * - `batch_size`: more events than `maxBatchEvents`
 * - `no_pattern`: the packet has no pattern
 * - `no_handler`: nobody handles its pattern
 * - `handler_failed`: its handler threw, or its stream ended in an error
 * - `closing`: received, but the drain ran out of time before a handler was free for it
 */
export const REJECTED_MESSAGE_REASONS = [
  'malformed',
  'frame_count',
  'oversize',
  'batch_size',
  'no_pattern',
  'no_handler',
  'handler_failed',
  'closing',
] as const;

export type RejectedMessageReason = (typeof REJECTED_MESSAGE_REASONS)[number];

/** A message, or one event of it, that the server did not get handled. */
export interface RejectedMessage {
  readonly reason: RejectedMessageReason;
  /** For people: what was wrong. */
  readonly detail: string;
  /** The decoded value where there is one, else the first frame's bytes. */
  readonly content: unknown;
  /** When its message was received: seconds since the Unix epoch. */
  readonly receivedAtSeconds: number;
  /** What the handler failed with, as Nest's filters left it; undefined for other reasons. */
  readonly cause?: unknown;
}
