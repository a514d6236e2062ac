import type { DeliveryFailure } from '../wire/delivery-frames.js';
import { ZmqTransportError } from './zmq-transport.error.js';

/** The server acknowledged an event as failed: its handler refused it, or failed at every try. It will not be tried again. */
export class EventFailedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_EVENT_FAILED';
  /** One of `REJECTED_MESSAGE_REASONS`. */
  readonly reason: string;

  constructor({ reason, detail }: Pick<DeliveryFailure, 'reason' | 'detail'>) {
    super(`the server could not handle the event (${reason}): ${detail}`);
    this.reason = reason;
  }
}
