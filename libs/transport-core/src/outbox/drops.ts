/**
 * Why an event handed to `emit` was not sent.
 * - `outbox_full`, `too_large`, `serialization`, `closed`: `emit` refused it, its observable failed
 * - `drain_timeout`: it was accepted, and still waited when `close()` ran out of time
 * - `no_subscriber`: it was accepted, and nobody had subscribed to its topic (PUB/SUB only)
 * - `dropped_oldest`: it was accepted, and a newer one needed its room (acknowledged delivery only)
 * - `spool_damaged`: it was on disk, and cannot be read any more (durable delivery only); counts batches
 * - `spool_failed`: the disk did not take it (durable delivery only); its `emit` failed if it waited for that
 */
export const DROP_REASONS = [
  'outbox_full',
  'too_large',
  'serialization',
  'closed',
  'drain_timeout',
  'no_subscriber',
  'dropped_oldest',
  'spool_failed',
  'spool_damaged',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
