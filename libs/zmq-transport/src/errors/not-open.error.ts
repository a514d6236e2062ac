import { ZmqTransportError } from './zmq-transport.error.js';

/** There is no socket yet: `unwrap()` was called before `connect()` or `listen()`. */
export class NotOpenError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_NOT_OPEN';

  constructor(hint: string) {
    super(`there is no socket yet: ${hint}`);
  }
}
