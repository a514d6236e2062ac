import type { RejectionReason } from '@app/contracts';

/** Why a trade was not emitted: the contract's reasons that can occur at the door, and the door's own. */
export const REFUSAL_REASONS = [
  'malformed',
  'oversize',
  'batch_size',
  'not_an_object',
  'invalid_side',
  'invalid_qty',
  'invalid_wait',
  'idempotency_key',
  'outbox_full',
  'spool_failed',
  'stopping',
  'failed',
] as const satisfies readonly (RejectionReason | DoorReason)[];

type DoorReason = 'invalid_wait' | 'idempotency_key' | 'outbox_full' | 'spool_failed' | 'stopping' | 'failed';

/** One of `REFUSAL_REASONS`: the closed value set of the label `reason`. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];
