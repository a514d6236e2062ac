/**
 * Every reason for which an event or input is rejected: the closed value set of the metric label `reason`.
 * docs/reference/contract.md explains each of them to users.
 */
export const REJECTION_REASONS = [
  'malformed',
  'frame_count',
  'oversize',
  'batch_size',
  'not_an_object',
  'unknown_type',
  'invalid_side',
  'invalid_qty',
  'invalid_ts',
  'implausible_ts',
  'invalid_symbol',
  'invalid_price',
  'invalid_event',
  'invalid_value',
  'invalid_label',
  'volume_overflow',
  'handler_failed',
  'closing',
] as const;

/** One of `REJECTION_REASONS`. */
export type RejectionReason = (typeof REJECTION_REASONS)[number];
