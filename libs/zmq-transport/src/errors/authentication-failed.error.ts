import type { RefusalReason } from '../curve/refusal.js';
import { explainToClient } from '../curve/refusal.js';
import { ZmqTransportError } from './zmq-transport.error.js';

/** The server was reached, and the handshake failed over keys: one side has to be set differently before it can succeed. */
export class AuthenticationFailedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_AUTHENTICATION_FAILED';

  constructor(readonly reason: RefusalReason) {
    super(`the handshake failed: ${explainToClient(reason)}`);
  }
}
