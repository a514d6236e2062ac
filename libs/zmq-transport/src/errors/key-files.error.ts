import { ZmqTransportError } from './zmq-transport.error.js';

/** Key files cannot be used; every fault is listed, and none tells a key. */
export class KeyFilesError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_KEY_FILES';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('; '));
  }
}
