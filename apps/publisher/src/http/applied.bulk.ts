import type { TradeEvent } from '@app/contracts';
import type { Delivery } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { MAY_ARRIVE, STILL_ARRIVES } from './applied-answer.js';
import { AppliedTrades, type Deadline } from '../publishing/applied-trades.js';
import type { BulkAnswerDto, FailedItemDto, LateItemDto, UndecidedItemDto } from './bulk-answer.dto.js';
import { BulkTradesService, type BulkResult } from './bulk.service.js';
import { TradeOutcomeException } from './trade-outcome.exception.js';

/** How far the items of a bulk request came. */
export interface BulkApplied extends Required<Pick<BulkAnswerDto, 'applied' | 'failed'>> {
  readonly late: LateItemDto[];
  readonly undecided: UndecidedItemDto[];
}

/** Bulk requests whose answer waits until the sidecar has applied all items. */
@Injectable()
export class AppliedBulk {
  constructor(
    private readonly applied: AppliedTrades,
    private readonly bulk: BulkTradesService,
  ) {}

  /** Emits the items, and waits for what became of each that was taken; all have the one deadline. */
  emitAll(items: unknown[]): Promise<{ result: BulkResult; outcome: BulkApplied }> {
    this.applied.assertPossible();
    return this.applied.withDeadline(async (deadline) => {
      const taken = new Map<number, Delivery>();
      const undecided: UndecidedItemDto[] = [];
      const emit = async (trade: TradeEvent, index: number): Promise<void> => {
        const delivery = await this.applied.emit(trade, deadline);
        if (delivery === undefined) undecided.push({ index });
        else taken.set(index, delivery);
      };
      const result = await this.bulk.emitAll(items, emit);
      const outcome = { ...(await this.wait(taken, deadline)), undecided };
      return { result: { ...result, accepted: taken.size }, outcome };
    });
  }

  private async wait(
    taken: ReadonlyMap<number, Delivery>,
    deadline: Deadline,
  ): Promise<Omit<BulkApplied, 'undecided'>> {
    const outcomes = await this.applied.outcomes([...taken.values()], deadline);
    const failed: FailedItemDto[] = [];
    const late: LateItemDto[] = [];
    for (const [position, [index, { id: eventId }]] of [...taken].entries()) {
      const outcome = outcomes[position];
      if (outcome?.kind === 'late') late.push({ index, eventId });
      if (outcome?.kind === 'failed') {
        failed.push({ index, eventId, reason: outcome.reason, detail: outcome.detail });
      }
    }
    return { applied: taken.size - failed.length - late.length, failed, late };
  }
}

/**
 * Lets a request pass of which all that will be known is known.
 *
 * @throws TradeOutcomeException 504 when items are late, or it is not known yet whether they will be taken
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
 * Lets a request pass of which something was applied.
 *
 * @throws TradeOutcomeException 422 when not one of the items that were taken could be
 */
export function assertBulkApplied({ accepted, refused }: BulkResult, outcome: BulkApplied): void {
  if (outcome.applied > 0) return;
  throw new TradeOutcomeException({
    status: 422,
    detail: 'the sidecar could apply none of the items; `failed` says why',
    extensions: { accepted, refused, ...outcome },
  });
}
