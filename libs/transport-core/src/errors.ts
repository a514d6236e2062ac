/** Base of every error this library throws. `code` is stable across versions; `message` is for people. */
export abstract class ZmqTransportError extends Error {
  abstract readonly code: `ERR_${string}`;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An event that failed for good. */
export interface DeliveryFailure {
  readonly sequence: number;
  /** One of `REJECTED_MESSAGE_REASONS`. */
  readonly reason: string;
  /** For people. */
  readonly detail: string;
}

/** The client is closed or closing: it sends nothing more. */
export class ClientClosedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_CLIENT_CLOSED';

  constructor() {
    super('the client is closed');
  }
}

/**
 * An accepted event was dropped: a newer one needed its room (`drop-oldest`), or the client closed before it was acknowledged.
 */
export class EventDroppedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_EVENT_DROPPED';
}

/** The server acknowledged an event as failed: its handler rejected it, or failed at every try. It will not be tried again. */
export class EventFailedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_EVENT_FAILED';
  /** One of `REJECTED_MESSAGE_REASONS`. */
  readonly reason: string;

  constructor({ reason, detail }: Pick<DeliveryFailure, 'reason' | 'detail'>) {
    super(`the server could not handle the event (${reason}): ${detail}`);
    this.reason = reason;
  }
}

/** One encoded event is larger than `maxFrameBytes`: a server with the same limit would reject it. */
export class EventTooLargeError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_EVENT_TOO_LARGE';

  constructor(
    readonly bytes: number,
    readonly maxFrameBytes: number,
  ) {
    super(`the event takes ${bytes} bytes, the limit for one frame is ${maxFrameBytes}`);
  }
}

/** An option has a value that cannot be used; thrown by constructors, so that a bad setting fails at boot. */
export class InvalidOptionsError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_INVALID_OPTIONS';
}

/** The bounded outbox has no room: the event was neither queued nor sent. Try again later. */
export class OutboxFullError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_OUTBOX_FULL';

  constructor(
    /** Events that wait. */
    readonly queuedEvents: number,
    /** Encoded bytes that wait. */
    readonly queuedBytes: number,
  ) {
    super(`the outbox is full: ${queuedEvents} events (${queuedBytes} bytes) wait to be sent`);
  }
}

/** The serializer or the codec could not turn this packet into bytes; `cause` is what it threw. */
export class SerializationError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_SERIALIZATION';

  constructor(cause: unknown) {
    super(`the packet could not be serialized: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** The spool could not keep an event (the disk is full, for example), so the event was not taken. `cause` says why. */
export class SpoolFailedError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_SPOOL_FAILED';
}

/** The spool's folder cannot be used: another process has it, another version made it, or it is damaged. */
export class SpoolUnusableError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_SPOOL_UNUSABLE';
}

/** The socket pair cannot do this (a request over PUSH/PULL, for example, which has no way back). */
export class UnsupportedOperationError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_UNSUPPORTED_OPERATION';
}

/** An event handler did not end in time. It goes on running, and its event counts as failed. */
export class HandlerTimeoutError extends ZmqTransportError {
  readonly code = 'ERR_ZMQ_HANDLER_TIMEOUT';

  constructor(readonly timeoutMs: number) {
    super(`the handler did not end within ${timeoutMs} ms`);
  }
}
