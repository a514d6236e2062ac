import { ZmqTransportError } from './zmq-transport.error.js';

/** The client is closed, or closing: nothing more can be sent through it. */
export class ClientClosedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_CLIENT_CLOSED';

  constructor() {
    super('the client is closed');
  }
}
