import { ZmqTransportError } from './zmq-transport.error.js';

/** The bounded outbox has no room: the event was refused, not queued and not sent. Try again later. */
export class OutboxFullError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_OUTBOX_FULL';

  constructor(
    /** Events that wait. */
    readonly queuedEvents: number,
    /** Encoded bytes that wait. */
    readonly queuedBytes: number,
  ) {
    super(`the outbox is full: ${queuedEvents} events (${queuedBytes} bytes) wait to be sent`);
  }
}
