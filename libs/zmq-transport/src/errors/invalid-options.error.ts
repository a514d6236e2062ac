import { ZmqTransportError } from './zmq-transport.error.js';

/** An option cannot be meant; thrown by constructors, so that a bad setting fails at boot. */
export class InvalidOptionsError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_INVALID_OPTIONS';
}
