import { wholeNumber } from '../whole-number.js';
import type { OutboxLimits } from './outbox.js';

/** What a client may hold while its peers are slow or away. The first bound that is reached refuses the next event. */
export interface OutboxOptions {
  /** @default 65536 events */
  maxEvents?: number;
  /** @default 67108864 bytes (64 MiB) of encoded events */
  maxBytes?: number;
}

/** A batch that libzmq took, told to `onBatchSent`. Times are seconds since the Unix epoch. */
export interface BatchSent {
  /** When each packet of the batch was accepted by `emit` or `send`. */
  readonly acceptedAtSeconds: readonly number[];
  readonly sentAtSeconds: number;
}

/** The options of a client that bound its outbox and its messages. */
export interface OutboundOptions {
  outbox?: OutboxOptions;
  /**
   * Most events that one message carries. Events share a message only when they wait anyway. 1 sends each alone.
   * @default 256
   */
  maxBatchEvents?: number;
  /**
   * Largest frame that is sent, in bytes; an event over it is refused, a batch is cut before it.
   * Not more than the server's `maxFrameBytes`.
   * @default 1048576 (1 MiB)
   */
  maxFrameBytes?: number;
}

/** The bounds of a client's outbox and messages. @throws InvalidOptionsError */
export function outboxLimits(options: OutboundOptions): OutboxLimits {
  return {
    maxEvents: wholeNumber('outbox.maxEvents', options.outbox?.maxEvents ?? 65_536, 1),
    maxBytes: wholeNumber('outbox.maxBytes', options.outbox?.maxBytes ?? 64 * 1024 * 1024, 1),
    maxBatchEvents: wholeNumber('maxBatchEvents', options.maxBatchEvents ?? 256, 1),
    maxFrameBytes: wholeNumber('maxFrameBytes', options.maxFrameBytes ?? 1024 * 1024, 1),
  };
}
