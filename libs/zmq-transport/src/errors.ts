import { dirname } from 'node:path';
import { missingRight, ZmqTransportError } from '@app/transport-core';
import { explainToClient, type DenialReason } from './curve/handshake-watch.js';

/** The client reached the server, and the handshake failed over keys: it cannot succeed until one side's settings change. */
export class AuthenticationFailedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_AUTHENTICATION_FAILED';

  constructor(readonly reason: DenialReason) {
    super(`the handshake failed: ${explainToClient(reason)}`);
  }
}

/** An address could not be bound; `reason` is the system's code (`EADDRINUSE`, `EADDRNOTAVAIL`, `EINVAL` …). */
export class BindFailedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_BIND_FAILED';
  readonly reason: string;

  constructor(
    readonly address: string,
    cause: unknown,
  ) {
    const reason = (cause as { code?: unknown })?.code;
    const path = address.startsWith('ipc://') ? address.slice('ipc://'.length) : undefined;
    const right = path === undefined ? undefined : missingRight(dirname(path), { code: reason });
    super(`cannot bind ${address}: ${right ?? (cause instanceof Error ? cause.message : String(cause))}`, {
      cause,
    });
    this.reason = typeof reason === 'string' ? reason : 'unknown';
  }
}

/** Key files cannot be used. The message lists every fault and contains no key. */
export class KeyFilesError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_KEY_FILES';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('; '));
  }
}

/** There is no socket yet: `unwrap()` was called before `connect()` or `listen()`. */
export class NotOpenError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_NOT_OPEN';

  constructor(hint: string) {
    super(`there is no socket yet: ${hint}`);
  }
}

/** No server answered in time, or the connected one is gone. It may or may not have handled a request. */
export class PeerUnreachableError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_PEER_UNREACHABLE';
}

/** The server refused this client's HELLO: it speaks another version of the protocol. */
export class ProtocolRefusedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_PROTOCOL_REFUSED';
}

/** A request got no final answer in time. The client tells the server to give it up. */
export class RequestTimeoutError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_REQUEST_TIMEOUT';

  constructor(readonly timeoutMs: number) {
    super(`no final answer within ${timeoutMs} ms`);
  }
}
