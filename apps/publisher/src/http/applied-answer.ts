import type { AppliedOutcome } from '../publishing/applied-trades.js';
import { EVENT_ID_HEADER } from './event-id.header.js';
import { TradeOutcomeException } from './trade-outcome.exception.js';

/** The words for an event that is late; bulk answers use them too. */
export const STILL_ARRIVES =
  'the sidecar has not applied it in time; it was taken and will still arrive, so do not post it again';

/** The words for an event of which it is not known yet whether it will be taken. */
export const MAY_ARRIVE =
  'it still waits for room in the queue, or for the disk, and may be taken later; posted again it may count twice';

/** 504 for an event that has no name yet. */
export function undecided(): TradeOutcomeException {
  return new TradeOutcomeException({ status: 504, detail: `the event was not taken in time: ${MAY_ARRIVE}` });
}

/**
 * Lets an applied event pass.
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
