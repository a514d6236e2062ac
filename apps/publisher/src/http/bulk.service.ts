import type { TradeEvent } from '@app/contracts';
import type { FieldFault } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import type { RefusedItemDto } from './bulk-answer.dto.js';
import { BrokenLine } from './bulk-reader.js';
import { emitFailureOf, type EmitFailure } from '../publishing/emit-failure.js';
import type { RefusalReason } from './refusal.reason.js';
import { toTrade, type InputFaults } from './trade-input.js';
import { TradeRefusals } from './refusals.js';
import { TradesService } from '../publishing/trades.service.js';

/** What became of the items. */
export interface BulkResult {
  accepted: number;
  refused: RefusedItemDto[];
  /** Why the client took no more, or not all; undefined when it took every valid item. */
  failure: EmitFailure | undefined;
}

/** Hands an item's trade to the client, as `TradesService.emit` does. */
export type EmitItem = (trade: TradeEvent, index: number) => Promise<void> | undefined;

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

  /** Rejects only with what nobody foresaw: an item that the client does not take is refused by name. */
  async emitAll(items: unknown[], emit: EmitItem = (trade) => this.trades.emit(trade)): Promise<BulkResult> {
    const result: BulkResult = { accepted: 0, refused: [], failure: undefined };
    // None waits for the one before: what is stored on disk is stored together.
    const faultsByIndex = await Promise.all(
      items.map((item, index) => this.emitOne(readItem(item), index, emit, result)),
    );
    for (const [index, faults] of faultsByIndex.entries()) {
      if (faults) {
        this.refusals.count(faults.reason);
        result.refused.push({ index, errors: faults.errors });
      } else result.accepted += 1;
    }
    return result;
  }

  /** Undefined when the item was emitted. Up to its first `await` it runs in the items' order. */
  private async emitOne(
    trade: TradeEvent | ItemFaults,
    index: number,
    emit: EmitItem,
    result: BulkResult,
  ): Promise<ItemFaults | undefined> {
    if (!('ts' in trade)) return trade;
    // Once full, nothing later may slip in: the emitted items stay the first ones, in their order.
    if (result.failure) return faultsOf(result.failure);
    try {
      const storing = emit(trade, index);
      if (storing) await storing;
      return undefined;
    } catch (error) {
      const failure = emitFailureOf(error);
      if (failure === undefined) throw error;
      result.failure ??= failure;
      return faultsOf(failure);
    }
  }
}

function faultsOf({ reason, fault }: EmitFailure): ItemFaults {
  return { reason, errors: [fault] };
}
