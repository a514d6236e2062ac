import { ZmqTransportError } from './zmq-transport.error.js';

/** An accepted event was given up: a newer one needed its room (`drop-oldest`), or the client closed before it was acknowledged. */
export class EventDroppedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_EVENT_DROPPED';
}
