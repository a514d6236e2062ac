import { ZmqTransportError } from './zmq-transport.error.js';

/** The spool's folder cannot be used: another process has it, it was made by another version, or it is damaged. */
export class SpoolUnusableError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_SPOOL_UNUSABLE';
}
