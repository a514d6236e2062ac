import { METRICS, type RejectionReason } from '@app/contracts';
import { type FieldFault, ProblemException } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { PublishedEvent } from '../publishing/trades-link.js';
import type { TradesService } from '../publishing/trades.service.js';
import { AwaitedTrades } from '../publishing/awaited-trades.js';
import { type EmitFailure, emitFailureOf } from '../publishing/emit-failure.js';

/** Why an event was not emitted: the contract's reasons that a post can have, and the publisher's own. */
export const REFUSAL_REASONS = [
  'malformed',
  'oversize',
  'batch_size',
  'not_an_object',
  'unknown_type',
  'invalid_event',
  'invalid_side',
  'invalid_qty',
  'invalid_symbol',
  'invalid_price',
  'invalid_wait',
  'idempotency_key',
  'outbox_full',
  'spool_failed',
  'stopping',
  'failed',
] as const satisfies readonly (RejectionReason | OwnReason)[];

type OwnReason = 'invalid_wait' | 'idempotency_key' | EmitFailure['reason'] | 'failed';

/** One of `REFUSAL_REASONS`: the closed value set of the label `reason`. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Counts refused posts by reason. Every reason exists at 0 from the start. */
@Injectable()
export class Refusals {
  constructor(
    @InjectMetric(METRICS.publisherRefused.name) private readonly refused: Counter<'reason'>,
    awaited: AwaitedTrades,
  ) {
    for (const reason of REFUSAL_REASONS) refused.inc({ reason }, 0);
    awaited.onRefusedLate((failure) => this.count(failure?.reason ?? 'failed'));
  }

  count(reason: RefusalReason, items = 1): void {
    this.refused.inc({ reason }, items);
  }
}

/** A request of which nothing was emitted, and the reason under which it is counted. */
export class TradeRefusedException extends ProblemException {
  /** `counted` is true when each item of the request was counted already. */
  constructor(
    readonly reason: RefusalReason,
    options: ConstructorParameters<typeof ProblemException>[0],
    readonly counted = false,
  ) {
    super(options);
  }
}

/** Trades that were taken, but not applied or stored in time or at all: nothing was refused, and nothing is counted as refused. */
export class TradeOutcomeException extends ProblemException {}

/** 400 for input that breaks a rule. */
export function invalidInput(reason: RefusalReason, errors: FieldFault[]): TradeRefusedException {
  const detail = errors.map((error) => error.message).join('; ');
  return new TradeRefusedException(reason, { status: 400, detail, errors });
}

/**
 * Emits an event.
 *
 * @returns undefined when it was taken at once, otherwise a promise of that
 * @throws the HTTP error for an event that the client does not take
 */
export function emitOrRefuse(trades: TradesService, event: PublishedEvent): Promise<void> | undefined {
  try {
    return trades.emit(event)?.catch((error: unknown) => {
      throw toHttpError(error);
    });
  } catch (error) {
    throw toHttpError(error);
  }
}

/** The HTTP error for an event that the client did not take; any other error is returned as it is. */
export function toHttpError(error: unknown): unknown {
  const failure = emitFailureOf(error);
  if (failure === undefined) return error;
  const { reason, fault } = failure;
  const headers = { 'retry-after': '1' };
  return new TradeRefusedException(reason, { status: 503, detail: fault.message, errors: [fault], headers });
}
