import type { TradeEvent } from '@app/contracts';
import type { Delivery } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { STILL_ARRIVES } from './applied.answer.js';
import { AppliedTrades } from './applied.trades.js';
import type { BulkAnswerDto, FailedItemDto, LateItemDto } from './bulk-answer.dto.js';
import { BulkTradesService, type BulkResult } from './bulk-trades.service.js';
import { TradeOutcomeException } from './trade-outcome.exception.js';

/** How far the items of a bulk request came. */
export interface BulkApplied extends Required<Pick<BulkAnswerDto, 'applied' | 'failed'>> {
  readonly late: LateItemDto[];
}

/** Bulk requests whose answer waits until the sidecar has applied all items. */
@Injectable()
export class AppliedBulk {
  constructor(
    private readonly applied: AppliedTrades,
    private readonly bulk: BulkTradesService,
  ) {}

  /** Emits the items, and waits for what became of each that was taken; all have the one deadline. */
  async emitAll(items: unknown[]): Promise<{ result: BulkResult; outcome: BulkApplied }> {
    this.applied.assertPossible();
    const taken = new Map<number, Delivery>();
    const emit = async (trade: TradeEvent, index: number): Promise<void> => {
      taken.set(index, await this.applied.emit(trade));
    };
    const result = await this.bulk.emitAll(items, emit);
    return { result, outcome: await this.wait(taken) };
  }

  private async wait(taken: ReadonlyMap<number, Delivery>): Promise<BulkApplied> {
    const outcomes = await this.applied.outcomes([...taken.values()]);
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
 * Lets a request pass of which something was applied and nothing is late.
 *
 * @throws TradeOutcomeException 504 when items are late, 422 when not one could be applied
 */
export function assertBulkApplied({ accepted, refused }: BulkResult, outcome: BulkApplied): void {
  const { applied, failed, late } = outcome;
  const extensions = { accepted, refused, applied, failed, late };
  if (late.length > 0) {
    throw new TradeOutcomeException({
      status: 504,
      detail: `${late.length} of ${accepted} items: ${STILL_ARRIVES}`,
      extensions,
    });
  }
  if (applied === 0) {
    throw new TradeOutcomeException({
      status: 422,
      detail: 'the sidecar could apply none of the items; `failed` says why',
      extensions,
    });
  }
}
