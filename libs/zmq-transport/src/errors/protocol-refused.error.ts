import { ZmqTransportError } from './zmq-transport.error.js';

/** The server refused this client's HELLO: it speaks another version of the protocol. */
export class ProtocolRefusedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_PROTOCOL_REFUSED';
}
