import type { FieldFault } from '@app/service-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const FAULT_SCHEMA = {
  type: 'object',
  properties: { field: { type: 'string' }, rule: { type: 'string' }, message: { type: 'string' } },
} as const;

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

/** An item that was emitted and is not in the metrics. */
export class LateItemDto extends UndecidedItemDto {
  /** Names the event. */
  @ApiProperty({ type: String })
  eventId: string;
}

/** An item that was emitted, and that the sidecar could not apply. */
export class FailedItemDto extends LateItemDto {
  /** The transport's word for it. */
  @ApiProperty({ type: String, example: 'handler_failed' })
  reason: string;

  @ApiProperty({ type: String })
  detail: string;
}

/** What became of a bulk request. */
export class BulkAnswerDto {
  /** Items that were emitted. */
  @ApiProperty({ type: Number, example: 2 })
  accepted: number;

  /** Items that were not, and why. */
  @ApiProperty({ type: [RefusedItemDto] })
  refused: RefusedItemDto[];

  /** With `wait=applied`: items that are in the metrics. */
  @ApiPropertyOptional({
    type: Number,
    description: 'Only with `wait=applied`: items that are in the metrics.',
  })
  applied?: number;

  /** With `wait=applied`: items that were taken and could not be applied. */
  @ApiPropertyOptional({ type: () => [FailedItemDto], description: 'Only with `wait=applied`.' })
  failed?: FailedItemDto[];

  /** Plain words about where events wait, and what may become of them. */
  @ApiPropertyOptional({ type: String, description: 'Only while no sidecar is connected, in plain words.' })
  notice?: string;

  /** Events that wait. */
  @ApiPropertyOptional({
    type: Number,
    description: 'Only while no sidecar is connected: events that wait, or are not acknowledged.',
  })
  queued?: number;
}
