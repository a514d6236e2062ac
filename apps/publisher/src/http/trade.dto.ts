import { TradeEvent } from '@app/contracts';
import type { FieldFault } from '@app/service-kit';
import { ApiProperty, ApiPropertyOptional, IntersectionType, PartialType, PickType } from '@nestjs/swagger';

const FAULT_SCHEMA = {
  type: 'object',
  properties: { field: { type: 'string' }, rule: { type: 'string' }, message: { type: 'string' } },
} as const;
const NOTICE = {
  type: String,
  description: 'Only while the link is down: what happens to events, in plain words.',
} as const;
const QUEUED = {
  type: Number,
  description: 'Only while the link is down: events that wait, or that are not acknowledged.',
} as const;

/** The body of `POST /trade/:side`; `qty` is 1 when it is left out. */
export class PostTradeDto extends PartialType(PickType(TradeEvent, ['qty', 'symbol', 'price'] as const)) {}

/** One item of `POST /trades`. */
export class BulkTradeDto extends IntersectionType(PickType(TradeEvent, ['side'] as const), PostTradeDto) {}

/** The answer to one trade: the event exactly as it was sent, and a notice while the link is not up. */
export class TradeAnswerDto extends TradeEvent {
  /** Plain words about where events wait, and what happens to them. */
  @ApiPropertyOptional(NOTICE)
  notice?: string;

  /** Events that wait, this one included. */
  @ApiPropertyOptional(QUEUED)
  queued?: number;
}

/** An item of a bulk request that was not emitted. */
export class RefusedItemDto {
  /** Position of the item, from 0; empty lines do not count. */
  @ApiProperty({ type: Number, example: 1 })
  index: number;

  /** Every rule it broke; field `outbox` when there was no room for it, `spool` when the disk did not take it. */
  @ApiProperty({ type: 'array', items: FAULT_SCHEMA })
  errors: FieldFault[];
}

/** An item that still waits to be taken. */
export class UndecidedItemDto {
  /** Position of the item, from 0. */
  @ApiProperty({ type: Number, example: 1 })
  index: number;
}

/** An item that was emitted and has not come as far as the post waits for. */
export class LateItemDto extends UndecidedItemDto {
  /** Names the event. */
  @ApiProperty({ type: String })
  eventId: string;
}

/** An item that was emitted, and will not come as far as the post waits for. */
export class FailedItemDto extends LateItemDto {
  /** The transport's reason. */
  @ApiProperty({ type: String, example: 'handler_failed' })
  reason: string;

  @ApiProperty({ type: String })
  detail: string;
}

/** The outcome of a bulk request. */
export class BulkAnswerDto {
  /** Items that were emitted. */
  @ApiProperty({ type: Number, example: 2 })
  accepted: number;

  /** Items that were not emitted, and why. */
  @ApiProperty({ type: [RefusedItemDto] })
  refused: RefusedItemDto[];

  /** With `wait=applied`: items that are in the metrics. */
  @ApiPropertyOptional({
    type: Number,
    description: 'Only with `wait=applied`: items that are in the metrics.',
  })
  applied?: number;

  /** With `wait=stored`: items that the broker has stored. */
  @ApiPropertyOptional({
    type: Number,
    description: 'Only with `wait=stored`: items that the broker has stored.',
  })
  stored?: number;

  /** With `wait`: items that were taken, and could not be applied or stored. */
  @ApiPropertyOptional({ type: () => [FailedItemDto], description: 'Only with `wait`.' })
  failed?: FailedItemDto[];

  /** Plain words about where events wait, and what happens to them. */
  @ApiPropertyOptional(NOTICE)
  notice?: string;

  /** Events that wait. */
  @ApiPropertyOptional(QUEUED)
  queued?: number;
}
