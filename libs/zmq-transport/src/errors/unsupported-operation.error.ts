import { ZmqTransportError } from './zmq-transport.error.js';

/** The socket pair cannot do what was asked (a request over PUSH/PULL, which has no way back). */
export class UnsupportedOperationError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_UNSUPPORTED_OPERATION';
}
