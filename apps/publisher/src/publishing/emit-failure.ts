import type { FieldFault } from '@app/service-kit';

/** Why the client did not take an event; it may take the next one. */
export interface EmitFailure {
  readonly reason: 'outbox_full' | 'spool_failed' | 'stopping';
  /** Bulk answers name it item by item. */
  readonly fault: FieldFault;
}

const FULL: EmitFailure = {
  reason: 'outbox_full',
  fault: {
    field: 'outbox',
    rule: 'capacity',
    message: 'the outbox is full: this event is not accepted; try again later',
  },
};
const DISK: EmitFailure = {
  reason: 'spool_failed',
  fault: {
    field: 'spool',
    rule: 'disk',
    message: 'the disk cannot store the event: it is not accepted; try again later',
  },
};
const STOPPING: EmitFailure = {
  reason: 'stopping',
  fault: {
    field: 'publisher',
    rule: 'stopping',
    message: 'the publisher is stopping: this event is not accepted',
  },
};
const GIVEN_UP: EmitFailure = {
  reason: 'outbox_full',
  fault: {
    field: 'outbox',
    rule: 'capacity',
    message:
      'the event was dropped before it was stored, to make room for newer ones or because the publisher is stopping',
  },
};

const BY_CODE: ReadonlyMap<unknown, EmitFailure> = new Map([
  ['ERR_ZMQ_OUTBOX_FULL', FULL],
  ['ERR_ZMQ_SPOOL_FAILED', DISK],
  ['ERR_ZMQ_CLIENT_CLOSED', STOPPING],
  ['ERR_ZMQ_EVENT_DROPPED', GIVEN_UP],
]);

/** What an error of the client means; undefined for an error that is not one of these. */
export function emitFailureOf(error: unknown): EmitFailure | undefined {
  return error instanceof Error && 'code' in error ? BY_CODE.get(error.code) : undefined;
}
