import { ZmqTransportError } from './zmq-transport.error.js';

/** The serializer or the codec could not turn this packet into bytes; `cause` is what it threw. */
export class SerializationError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_SERIALIZATION';

  constructor(cause: unknown) {
    super(`the packet could not be serialized: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
