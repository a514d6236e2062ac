import { ZmqTransportError } from './zmq-transport.error.js';

/** The spool could not keep an event (the disk is full, say): the event was refused. `cause` says why. */
export class SpoolFailedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_SPOOL_FAILED';
}
