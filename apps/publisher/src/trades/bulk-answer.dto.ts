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

  /** Every rule it broke; field `outbox` when there was no room for it. */
  @ApiProperty({ type: 'array', items: FAULT_SCHEMA })
  errors: FieldFault[];
}

/** What became of a bulk request. */
export class BulkAnswerDto {
  /** Items that were emitted. */
  @ApiProperty({ type: Number, example: 2 })
  accepted: number;

  /** Items that were not, and why. */
  @ApiProperty({ type: [RefusedItemDto] })
  refused: RefusedItemDto[];

  /** Plain words: events wait in a bounded queue and may be dropped. */
  @ApiPropertyOptional({ type: String, description: 'Only while no sidecar is connected, in plain words.' })
  notice?: string;

  /** Events that wait. */
  @ApiPropertyOptional({ type: Number, description: 'Only while no sidecar is connected: events that wait.' })
  queued?: number;
}
