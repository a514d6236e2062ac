import { ZmqTransportError } from './zmq-transport.error.js';

/** One encoded event is larger than `maxFrameBytes`: a server with the same limit would refuse it. */
export class EventTooLargeError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_EVENT_TOO_LARGE';

  constructor(
    readonly bytes: number,
    readonly maxFrameBytes: number,
  ) {
    super(`the event takes ${bytes} bytes, the limit for one frame is ${maxFrameBytes}`);
  }
}
