import { TradeRefusedException } from './trade-refused.exception.js';

/** Field, rule and words for an event that found no room; bulk answers use it item by item. */
export const OUTBOX_FULL_FAULT = {
  field: 'outbox',
  rule: 'capacity',
  message: 'the queue of waiting events is full; this one was not taken, try again later',
} as const;

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** True when the client refused because of its bounded queue, which a retry may outlast. */
export function isOutboxFull(error: unknown): boolean {
  return codeOf(error) === 'ERR_ZMQ_OUTBOX_FULL';
}

/** The HTTP error for an event that the client did not take; what is not foreseen is given back as it is. */
export function toHttpError(error: unknown): unknown {
  const headers = { 'retry-after': '1' };
  if (isOutboxFull(error)) {
    const options = { status: 503, detail: OUTBOX_FULL_FAULT.message, errors: [OUTBOX_FULL_FAULT], headers };
    return new TradeRefusedException('outbox_full', options);
  }
  if (codeOf(error) === 'ERR_ZMQ_CLIENT_CLOSED') {
    const detail = 'the publisher is stopping; this event was not taken';
    return new TradeRefusedException('stopping', { status: 503, detail, headers });
  }
  return error;
}
