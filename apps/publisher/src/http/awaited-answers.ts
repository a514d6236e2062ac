import type { AwaitedOutcome, AwaitedTrades, Deadline } from '../publishing/awaited-trades.js';
import type { AwaitedStage, PublishedEvent } from '../publishing/trades-link.js';
import type { BulkAwaited, BulkResult } from './bulk.service.js';
import { invalidInput, toHttpError, TradeOutcomeException, TradeRefusedException } from './refusals.js';

/** The event's id, in an answer that waited for the event: the producer's sequence, and the event's number in it. */
export const EVENT_ID_HEADER = 'trading-event-id';

/** The query's description in Swagger, for both post routes. */
export const WAIT_DOC = {
  name: 'wait',
  enum: ['applied', 'stored'],
  required: false,
  description:
    '`applied`: answer when the events are in the metrics; needs ZeroMQ and DELIVERY=acknowledged or durable. ' +
    '`stored`: answer when the broker has them; needs NATS_URL. One trade has its id in the header `Trading-Event-Id`.',
};

const LATE: Readonly<Record<AwaitedStage, string>> = {
  applied: 'the sidecar did not apply it in time; it is accepted and still arrives, so do not post it again',
  stored: 'the broker did not store it in time; it is accepted and still arrives, so do not post it again',
};
const NONE: Readonly<Record<AwaitedStage, string>> = {
  applied: 'the sidecar could not apply any of the items; `failed` says why',
  stored: 'the broker stored none of the items; `failed` says why',
};
const MAY_ARRIVE =
  'it still waits for room in the outbox or for the disk, and may be accepted later; if you post it again, it may count twice';
const WAIT_VALUES = 'wait must be "applied" or "stored", or left out';
const NEEDS: Readonly<Record<AwaitedStage, string>> = {
  applied:
    'wait=applied works over ZeroMQ only: over NATS no sidecar answers; use wait=stored, which waits until the broker has the event',
  stored:
    'wait=stored needs a broker (NATS_URL); over ZeroMQ use wait=applied, which waits until the event is in the metrics',
};
const NEEDS_DELIVERY =
  'wait=applied needs a sidecar that acknowledges: set DELIVERY=acknowledged or DELIVERY=durable on both apps';

/**
 * What the query's `wait` asks for; undefined without one.
 *
 * @param possible what this link can wait for
 * @throws TradeRefusedException 400 for another value, or one of the other transport; 409 when DELIVERY has no
 * acknowledgements
 */
export function awaitedStage(query: unknown, possible: AwaitedStage | undefined): AwaitedStage | undefined {
  if (typeof query !== 'object' || query === null || !('wait' in query)) return undefined;
  const { wait } = query;
  if (wait !== 'applied' && wait !== 'stored') throw invalidWait('isIn', WAIT_VALUES);
  if (wait === possible) return wait;
  if (wait === 'stored' || possible === 'stored') throw invalidWait('link', NEEDS[wait]);
  const errors = [{ field: 'wait', rule: 'delivery', message: NEEDS_DELIVERY }];
  throw new TradeRefusedException('invalid_wait', { status: 409, detail: NEEDS_DELIVERY, errors });
}

function invalidWait(rule: string, message: string): TradeRefusedException {
  return invalidInput('invalid_wait', [{ field: 'wait', rule, message }]);
}

/** 504 for an event that has no id yet. */
function undecided(): TradeOutcomeException {
  return new TradeOutcomeException({
    status: 504,
    detail: `the event was not accepted in time: ${MAY_ARRIVE}`,
  });
}

/**
 * Returns when the event has reached the stage.
 *
 * @throws TradeOutcomeException 504 when the event is late, 422 when it failed for good; both name the event
 */
function assertReached(outcome: AwaitedOutcome, stage: AwaitedStage, eventId: string): void {
  if (outcome.kind === 'reached') return;
  const headers = { [EVENT_ID_HEADER]: eventId };
  if (outcome.kind === 'late') {
    const detail = `event ${eventId}: ${LATE[stage]}`;
    throw new TradeOutcomeException({ status: 504, detail, headers, extensions: { eventId } });
  }
  const { reason, detail } = outcome;
  throw new TradeOutcomeException({ status: 422, detail, headers, extensions: { eventId, reason } });
}

/**
 * Emits one event, and waits until it has reached the stage.
 *
 * @returns the event's id
 * @throws TradeRefusedException when it is not taken; TradeOutcomeException 504 when it is late, 422 when it failed for good
 */
export async function emitAndWait(
  awaited: AwaitedTrades,
  event: PublishedEvent,
  stage: AwaitedStage,
  deadline: Deadline,
): Promise<string> {
  const delivery = await awaited.emit(event, deadline).catch((error: unknown) => {
    throw toHttpError(error);
  });
  if (delivery === undefined) throw undecided();
  const [outcome] = (await awaited.outcomes([delivery], deadline)) as [AwaitedOutcome];
  assertReached(outcome, stage, delivery.id);
  return delivery.id;
}

/** The members of a problem document about a list. */
function extensionsOf({ accepted, refused }: BulkResult, outcome: BulkAwaited, stage: AwaitedStage) {
  const { reached, ...rest } = outcome;
  return { accepted, refused, [stage]: reached, ...rest };
}

/**
 * Returns when the outcome of every item is known.
 *
 * @throws TradeOutcomeException 504 when items are late, or when some are still waiting to be taken
 */
export function assertBulkInTime(result: BulkResult, outcome: BulkAwaited, stage: AwaitedStage): void {
  const { late, undecided } = outcome;
  const details = [
    ...(late.length > 0 ? [`${late.length} of ${result.accepted} items: ${LATE[stage]}`] : []),
    ...(undecided.length > 0 ? [`${undecided.length} items were not accepted in time: ${MAY_ARRIVE}`] : []),
  ];
  if (details.length === 0) return;
  const extensions = extensionsOf(result, outcome, stage);
  throw new TradeOutcomeException({ status: 504, detail: details.join('; '), extensions });
}

/**
 * Returns when at least one item has reached the stage.
 *
 * @throws TradeOutcomeException 422 when none of the items that were taken has
 */
export function assertBulkReached(result: BulkResult, outcome: BulkAwaited, stage: AwaitedStage): void {
  if (outcome.reached > 0) return;
  const extensions = extensionsOf(result, outcome, stage);
  throw new TradeOutcomeException({ status: 422, detail: NONE[stage], extensions });
}
