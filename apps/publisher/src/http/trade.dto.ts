import { TradeEvent } from '@app/contracts';
import { ApiPropertyOptional, IntersectionType, PartialType, PickType } from '@nestjs/swagger';

/** The body of `POST /trade/:side`; `qty` is 1 when it is left out. */
export class PostTradeDto extends PartialType(PickType(TradeEvent, ['qty'] as const)) {}

/** One item of `POST /trades`. */
export class BulkTradeDto extends IntersectionType(PickType(TradeEvent, ['side'] as const), PostTradeDto) {}

/** The answer to one trade: the event exactly as it was sent, and a notice while no sidecar is connected. */
export class TradeAnswerDto extends TradeEvent {
  /** Plain words about where events wait, and what may become of them. */
  @ApiPropertyOptional({ type: String, description: 'Only while no sidecar is connected, in plain words.' })
  notice?: string;

  /** Events that wait, this one included. */
  @ApiPropertyOptional({
    type: Number,
    description: 'Only while no sidecar is connected: events that wait, or are not acknowledged.',
  })
  queued?: number;
}
