import { ZmqTransportError } from './zmq-transport.error.js';

/** No server answered in time, or the one there was is gone. A request may or may not have been handled. */
export class PeerUnreachableError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_PEER_UNREACHABLE';
}
