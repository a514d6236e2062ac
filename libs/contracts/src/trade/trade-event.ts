import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Equals, IsIn, IsNumber, IsOptional, IsPositive, Matches, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { TRADE_PATTERN, TRADE_SIDES, type TradeSide } from './trade-pattern.js';

/** The largest quantity of one trade: a sum of valid quantities must stay small enough for the next trade to change it. */
export const MAX_QTY = 1e15;

/**
 * The latest time of a trade, in unix epoch seconds: the year 2286, up to which they have ten digits. Milliseconds,
 * microseconds and nanoseconds that are mistaken for seconds lie beyond it. See docs/decisions/0009.
 */
export const MAX_TS_SECONDS = 1e10;

/** The largest price, for the same reason. */
export const MAX_PRICE = 1e15;

/** A symbol: 1 to 32 characters that need no escape in JSON, in an address or in a label. */
export const SYMBOL = /^[A-Za-z0-9._:/-]{1,32}$/;

/** The description of one field for readers of the contract. */
interface FieldDescription {
  readonly description: string;
  readonly example: string | number;
  /** What Swagger cannot infer by itself, such as `enum` or `minimum`. */
  readonly api?: ApiPropertyOptions;
}

/** Gives a field the same description in Swagger and in the published JSON Schema. */
function Described(field: FieldDescription): PropertyDecorator {
  const { description, example, api = {} } = field;
  // The union type of ApiPropertyOptions does not survive a spread.
  const options = { description, example, required: true, ...api } as ApiPropertyOptions;
  return applyDecorators(ApiProperty(options), JSONSchema({ description, examples: [example] }));
}

/**
 * One trade, as it is on the wire. This class is the only definition of the event: the HTTP inputs, Swagger, the
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

  /** The traded quantity: not negative, and at most `MAX_QTY`. */
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Max(MAX_QTY)
  @Described({
    description: 'The traded quantity: from 0 to 1e15.',
    example: 1.5,
    api: { type: Number, minimum: 0, maximum: MAX_QTY },
  })
  qty: number;

  /** When the trade was made, in unix epoch seconds with a fraction (microseconds are kept); at most `MAX_TS_SECONDS`. */
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Max(MAX_TS_SECONDS)
  @Described({
    description:
      'When the trade was made: unix epoch seconds (not milliseconds) as a float, microseconds in the fraction.',
    example: 1795345871.123456,
    api: { type: Number, minimum: 0, maximum: MAX_TS_SECONDS },
  })
  ts: number;

  /** What was traded. Without it, the trade counts in no symbol. */
  @IsOptional()
  @Matches(SYMBOL)
  @Described({
    description: 'What was traded: 1 to 32 characters of A-Z, a-z, 0-9 and . _ : / -',
    example: 'ETHUSDT',
    api: { type: String, required: false, nullable: true, pattern: SYMBOL.source },
  })
  symbol?: string | null;

  /** The price of one unit: above 0, and at most `MAX_PRICE`. Without it, the trade has no notional. */
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @IsPositive()
  @Max(MAX_PRICE)
  @Described({
    description: 'The price of one unit: above 0, at most 1e15.',
    example: 1930.25,
    api: {
      type: Number,
      required: false,
      nullable: true,
      // In OpenAPI 3.1 it is the bound itself; Nest's type is that of 3.0.
      exclusiveMinimum: 0 as never,
      maximum: MAX_PRICE,
    },
  })
  price?: number | null;
}
