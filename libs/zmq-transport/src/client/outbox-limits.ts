import { wholeNumber } from '../socket/socket-settings.js';
import type { ZmqClientOptions } from '../zmq.options.js';
import type { OutboxLimits } from './outbox.js';

/** The bounds of a client's outbox and messages. @throws InvalidOptionsError */
export function outboxLimits(options: ZmqClientOptions): OutboxLimits {
  return {
    maxEvents: wholeNumber('outbox.maxEvents', options.outbox?.maxEvents ?? 65_536, 1),
    maxBytes: wholeNumber('outbox.maxBytes', options.outbox?.maxBytes ?? 64 * 1024 * 1024, 1),
    maxBatchEvents: wholeNumber('maxBatchEvents', options.maxBatchEvents ?? 256, 1),
    maxFrameBytes: wholeNumber('maxFrameBytes', options.maxFrameBytes ?? 1024 * 1024, 1),
  };
}
