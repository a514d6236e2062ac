import type { TradeEvent } from '@app/contracts';
import type { FieldFault } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import type { RefusedItemDto } from './bulk-answer.dto.js';
import { BrokenLine } from './bulk.reader.js';
import { isOutboxFull, OUTBOX_FULL_FAULT } from './emit-failure.js';
import type { RefusalReason } from './refusal.reason.js';
import { toTrade, type InputFaults } from './trade.input.js';
import { TradeRefusals } from './trade.refusals.js';
import { TradesService } from './trades.service.js';

/** What became of the items. */
export interface BulkResult {
  accepted: number;
  refused: RefusedItemDto[];
  /** True when the outbox filled up on the way. */
  outboxFull: boolean;
}

type ItemFaults = Omit<InputFaults, 'reason'> & { reason: RefusalReason };

const NOT_AN_OBJECT: FieldFault = {
  field: 'item',
  rule: 'type',
  message: 'the item must be an object such as {"side": "buy", "qty": 1.5}',
};

function readItem(item: unknown): TradeEvent | ItemFaults {
  if (item instanceof BrokenLine) return { reason: 'malformed', errors: [BrokenLine.fault] };
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    return { reason: 'not_an_object', errors: [NOT_AN_OBJECT] };
  }
  const { side, qty } = item as { side?: unknown; qty?: unknown };
  return toTrade(side, qty);
}

/** Emits what is valid, in order, and says of every other item why it was refused. */
@Injectable()
export class BulkTradesService {
  constructor(
    private readonly trades: TradesService,
    private readonly refusals: TradeRefusals,
  ) {}

  /** Rejects only with what the client fails with beyond a full outbox. */
  async emitAll(items: unknown[]): Promise<BulkResult> {
    const result: BulkResult = { accepted: 0, refused: [], outboxFull: false };
    for (const [index, item] of items.entries()) {
      const faults = await this.emitOne(readItem(item as unknown), result);
      if (!faults) continue;
      this.refusals.count(faults.reason);
      result.refused.push({ index, errors: faults.errors });
    }
    return result;
  }

  /** Undefined when the item was emitted. */
  private async emitOne(trade: TradeEvent | ItemFaults, result: BulkResult): Promise<ItemFaults | undefined> {
    if (!('ts' in trade)) return trade;
    // Once full, nothing later may slip in: the emitted items stay the first ones, in their order.
    if (!result.outboxFull) result.outboxFull = !(await this.taken(trade));
    if (result.outboxFull) return { reason: 'outbox_full', errors: [OUTBOX_FULL_FAULT] };
    result.accepted += 1;
    return undefined;
  }

  private async taken(trade: TradeEvent): Promise<boolean> {
    try {
      await this.trades.emit(trade);
      return true;
    } catch (error) {
      if (isOutboxFull(error)) return false;
      throw error;
    }
  }
}
