import { ZmqTransportError } from './zmq-transport.error.js';

/** A request got no final answer in its time. The server has been told to give it up. */
export class RequestTimeoutError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_REQUEST_TIMEOUT';

  constructor(readonly timeoutMs: number) {
    super(`no final answer within ${timeoutMs} ms`);
  }
}
