import type { AppliedOutcome, AppliedTrades } from '../publishing/applied-trades.js';
import { EVENT_ID_HEADER } from './answer-headers.js';
import type { BulkApplied, BulkResult } from './bulk.service.js';
import { invalidInput, TradeOutcomeException, TradeRefusedException } from './refusals.js';

const STILL_ARRIVES =
  'the sidecar has not applied it in time; it was taken and will still arrive, so do not post it again';
const MAY_ARRIVE =
  'it still waits for room in the queue or for the disk, and may be taken later; if you post it again it may count twice';
const WAIT_VALUES = 'wait must be "applied", or left out';
const NEEDS =
  'wait=applied needs a sidecar that acknowledges: set DELIVERY=acknowledged or DELIVERY=durable on both apps';

/**
 * Whether the query has `wait=applied`: the answer then waits until the event is in the metrics.
 *
 * @throws TradeRefusedException 400 for any other value
 */
export function waitsForApplied(query: unknown): boolean {
  if (typeof query !== 'object' || query === null || !('wait' in query)) return false;
  if (query.wait === 'applied') return true;
  throw invalidInput('invalid_wait', [{ field: 'wait', rule: 'isIn', message: WAIT_VALUES }]);
}

/** @throws TradeRefusedException 409 when DELIVERY has no acknowledgements */
export function assertPossible({ isPossible }: AppliedTrades): void {
  if (isPossible) return;
  const errors = [{ field: 'wait', rule: 'delivery', message: NEEDS }];
  throw new TradeRefusedException('invalid_wait', { status: 409, detail: NEEDS, errors });
}

/** 504 for an event that has no id yet. */
export function undecided(): TradeOutcomeException {
  return new TradeOutcomeException({ status: 504, detail: `the event was not taken in time: ${MAY_ARRIVE}` });
}

/**
 * Returns when the event was applied.
 *
 * @throws TradeOutcomeException 504 when the event is late, 422 when it failed for good; both name the event
 */
export function assertApplied(outcome: AppliedOutcome, eventId: string): void {
  if (outcome.kind === 'applied') return;
  const headers = { [EVENT_ID_HEADER]: eventId };
  if (outcome.kind === 'late') {
    const detail = `event ${eventId}: ${STILL_ARRIVES}`;
    throw new TradeOutcomeException({ status: 504, detail, headers, extensions: { eventId } });
  }
  const { reason, detail } = outcome;
  throw new TradeOutcomeException({ status: 422, detail, headers, extensions: { eventId, reason } });
}

/**
 * Returns when the outcome of every item is known.
 *
 * @throws TradeOutcomeException 504 when items are late, or when some are still waiting to be taken
 */
export function assertBulkInTime({ accepted, refused }: BulkResult, outcome: BulkApplied): void {
  const { late, undecided } = outcome;
  const details = [
    ...(late.length > 0 ? [`${late.length} of ${accepted} items: ${STILL_ARRIVES}`] : []),
    ...(undecided.length > 0 ? [`${undecided.length} items were not taken in time: ${MAY_ARRIVE}`] : []),
  ];
  if (details.length === 0) return;
  const extensions = { accepted, refused, ...outcome };
  throw new TradeOutcomeException({ status: 504, detail: details.join('; '), extensions });
}

/**
 * Returns when at least one item was applied.
 *
 * @throws TradeOutcomeException 422 when none of the items that were taken could be applied
 */
export function assertBulkApplied({ accepted, refused }: BulkResult, outcome: BulkApplied): void {
  if (outcome.applied > 0) return;
  throw new TradeOutcomeException({
    status: 422,
    detail: 'the sidecar could not apply any of the items; `failed` says why',
    extensions: { accepted, refused, ...outcome },
  });
}
