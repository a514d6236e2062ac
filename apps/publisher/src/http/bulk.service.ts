import type { FieldFault } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { AwaitedTrades, type Deadline } from '../publishing/awaited-trades.js';
import { type EmitFailure, emitFailureOf } from '../publishing/emit-failure.js';
import type { PublishedEvent, TradeDelivery } from '../publishing/trades-link.js';
import { TradesService } from '../publishing/trades.service.js';
import { BrokenLine } from './bulk-reader.js';
import { type RefusalReason, Refusals } from './refusals.js';
import type {
  BulkAnswerDto,
  FailedItemDto,
  LateItemDto,
  RefusedItemDto,
  UndecidedItemDto,
} from './trade.dto.js';
import { type InputFaults, toTrade, type TradeFields } from './trade-input.js';

/** The outcome of the items. */
export interface BulkResult {
  accepted: number;
  refused: RefusedItemDto[];
  /** Why the client did not take every valid item; undefined when it did. */
  failure: EmitFailure | undefined;
}

/** With `wait`: how far the items that were taken have come. */
export interface BulkAwaited extends Required<Pick<BulkAnswerDto, 'failed'>> {
  /** Items that have reached the awaited stage. */
  readonly reached: number;
  readonly late: LateItemDto[];
  readonly undecided: UndecidedItemDto[];
}

/** Hands an item's trade to the client, as `TradesService.emit` does. */
type EmitItem = (event: PublishedEvent, index: number) => Promise<void> | undefined;

/** Why an item is refused. */
export type ItemFaults = Omit<InputFaults, 'reason'> & { reason: RefusalReason };

/** Reads the event that an item asks for; a broken line, and what is no object, was refused before. */
export type ReadItem = (item: object) => PublishedEvent | ItemFaults;

const NOT_AN_OBJECT: FieldFault = {
  field: 'item',
  rule: 'type',
  message: 'the item must be an object such as {"side": "buy", "qty": 1.5}',
};

function readItem(item: unknown, read: ReadItem): PublishedEvent | ItemFaults {
  if (item instanceof BrokenLine) return { reason: 'malformed', errors: [BrokenLine.fault] };
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    return { reason: 'not_an_object', errors: [NOT_AN_OBJECT] };
  }
  return read(item);
}

function readTradeItem(item: object): PublishedEvent | ItemFaults {
  const { side, qty, symbol, price } = item as TradeFields & { side?: unknown };
  return toTrade(side, { qty, symbol, price });
}

/** An event has a type; a client may send fields of any other name. */
function isFaults(read: PublishedEvent | ItemFaults): read is ItemFaults {
  return !Object.hasOwn(read, 'type');
}

function faultsOf({ reason, fault }: EmitFailure): ItemFaults {
  return { reason, errors: [fault] };
}

/** Emits the valid items of a request in order, and says why each other item was refused. */
@Injectable()
export class BulkService {
  constructor(
    private readonly trades: TradesService,
    private readonly awaited: AwaitedTrades,
    private readonly refusals: Refusals,
  ) {}

  /** Names each item that the client does not take as refused. Rejects only with an unexpected error. */
  emitAll(items: unknown[], read: ReadItem = readTradeItem): Promise<BulkResult> {
    return this.emitEach(items, read, (event) => this.trades.emit(event));
  }

  /** As `emitAll`, and waits for the outcome of each item that was taken; all items share one deadline. */
  emitAndWait(
    items: unknown[],
    read: ReadItem = readTradeItem,
  ): Promise<{ result: BulkResult; outcome: BulkAwaited }> {
    return this.awaited.withDeadline(async (deadline) => {
      const taken = new Map<number, TradeDelivery>();
      const undecided: UndecidedItemDto[] = [];
      const emit = async (event: PublishedEvent, index: number): Promise<void> => {
        const delivery = await this.awaited.emit(event, deadline);
        if (delivery === undefined) undecided.push({ index });
        else taken.set(index, delivery);
      };
      const result = await this.emitEach(items, read, emit);
      const outcome = { ...(await this.outcomeOf(taken, deadline)), undecided };
      return { result: { ...result, accepted: taken.size }, outcome };
    });
  }

  private async emitEach(items: unknown[], read: ReadItem, emit: EmitItem): Promise<BulkResult> {
    const result: BulkResult = { accepted: 0, refused: [], failure: undefined };
    // No item waits for the one before it, so that items are stored on disk together.
    const faultsByIndex = await Promise.all(
      items.map((item, index) => this.emitOne(readItem(item, read), index, emit, result)),
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
    event: PublishedEvent | ItemFaults,
    index: number,
    emit: EmitItem,
    result: BulkResult,
  ): Promise<ItemFaults | undefined> {
    if (isFaults(event)) return event;
    // Once the client is full, no later item may be taken: the emitted items stay the first ones, in their order.
    if (result.failure) return faultsOf(result.failure);
    try {
      const storing = emit(event, index);
      if (storing) await storing;
      return undefined;
    } catch (error) {
      const failure = emitFailureOf(error);
      if (failure === undefined) throw error;
      result.failure ??= failure;
      return faultsOf(failure);
    }
  }

  private async outcomeOf(
    taken: ReadonlyMap<number, TradeDelivery>,
    deadline: Deadline,
  ): Promise<Omit<BulkAwaited, 'undecided'>> {
    const outcomes = await this.awaited.outcomes([...taken.values()], deadline);
    const failed: FailedItemDto[] = [];
    const late: LateItemDto[] = [];
    for (const [position, [index, { id: eventId }]] of [...taken].entries()) {
      const outcome = outcomes[position];
      if (outcome?.kind === 'late') late.push({ index, eventId });
      if (outcome?.kind === 'failed') {
        failed.push({ index, eventId, reason: outcome.reason, detail: outcome.detail });
      }
    }
    return { reached: taken.size - failed.length - late.length, failed, late };
  }
}
