import { ZmqTransportError } from './zmq-transport.error.js';

/** An address could not be bound; `reason` is the system's code (`EADDRINUSE`, `EADDRNOTAVAIL`, `EINVAL` …). */
export class BindFailedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_BIND_FAILED';
  readonly reason: string;

  constructor(
    readonly address: string,
    cause: unknown,
  ) {
    const reason = (cause as { code?: unknown })?.code;
    super(`cannot bind ${address}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.reason = typeof reason === 'string' ? reason : 'unknown';
  }
}
