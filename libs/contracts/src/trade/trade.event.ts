import { Equals, IsIn, IsNumber, Min } from 'class-validator';
import { Described } from './described.decorator.js';
import { TRADE_PATTERN, TRADE_SIDES, type TradeSide } from './trade.pattern.js';

/**
 * One trade, as it stands on the wire. This class is the only definition of the event: the HTTP inputs, Swagger, the
 * published JSON Schema and the compiled validator (`checkTrade`) are all derived from its decorators.
 */
export class TradeEvent {
  /** The event family; always `trade` here. */
  @Equals(TRADE_PATTERN)
  @Described({
    description: 'The event family.',
    example: TRADE_PATTERN,
    api: { type: String, enum: [TRADE_PATTERN] },
  })
  type: typeof TRADE_PATTERN;

  /** Whether it was a buy or a sell. */
  @IsIn([...TRADE_SIDES])
  @Described({
    description: 'Whether it was a buy or a sell.',
    example: 'buy',
    api: { type: String, enum: [...TRADE_SIDES] },
  })
  side: TradeSide;

  /** The traded quantity: finite and not negative. */
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Described({
    description: 'The traded quantity: finite and not negative.',
    example: 1.5,
    api: { type: Number, minimum: 0 },
  })
  qty: number;

  /** When the trade was made, in unix epoch seconds with a fraction (microseconds are kept). */
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Described({
    description: 'When the trade was made: unix epoch seconds as a float, microseconds in the fraction.',
    example: 1795345871.123456,
    api: { type: Number, minimum: 0 },
  })
  ts: number;
}
