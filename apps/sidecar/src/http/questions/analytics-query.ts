import { SIDE_SCOPES, type SideScope, SYMBOL } from '@app/contracts';
import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  buildMessage,
  IsIn,
  IsOptional,
  Matches,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600 } as const;
const FORM = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/;

/** Reads `500ms`, `60s`, `15m` or `1h` as seconds; NaN when it is anything else. */
export function durationSeconds(text: unknown): number {
  const [, amount, unit] = (typeof text === 'string' && FORM.exec(text)) || [];
  return amount === undefined ? Number.NaN : Number(amount) * SECONDS[unit as keyof typeof SECONDS];
}

/** Validates a duration as text, from `least` to `most`. */
function IsDuration(least: string, most: string): PropertyDecorator {
  const [min, max] = [durationSeconds(least), durationSeconds(most)];
  return ValidateBy({
    name: 'isDuration',
    validator: {
      validate: (value) => durationSeconds(value) >= min && durationSeconds(value) <= max,
      defaultMessage: buildMessage(
        () => `$property must be a duration such as 500ms, 60s, 15m or 1h, from ${least} to ${most}`,
      ),
    },
  });
}

const LEAST = '100ms';
const MOST = '1h';

/** Metrics that have a series. */
export const SERIES_METRICS = ['trades', 'volume'] as const;

/** One of `SERIES_METRICS`. */
export type SeriesMetric = (typeof SERIES_METRICS)[number];

/** Formats that trades are exported in. */
export const EXPORT_FORMATS = ['csv', 'ndjson', 'arrow'] as const;

/** One of `EXPORT_FORMATS`. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How far back a question looks. */
export class LastQuery {
  @ApiPropertyOptional({
    description: `How far back to look: a number with ms, s, m or h, from ${LEAST} to ${MOST}.`,
    type: String,
    default: '60s',
    example: '60s',
  })
  @IsDuration(LEAST, MOST)
  last: string = '60s';

  @ApiPropertyOptional({ description: 'Only trades of this symbol.', type: String, example: 'ETHUSDT' })
  @IsOptional()
  @Matches(SYMBOL, { message: 'symbol must have 1 to 32 characters of A-Z, a-z, 0-9 and . _ : / -' })
  symbol?: string;
}

/** Query of `GET /analytics/summary`. */
export class SummaryQuery extends LastQuery {
  @ApiPropertyOptional({ description: 'The side, or all.', enum: SIDE_SCOPES, default: 'all' })
  @IsIn(SIDE_SCOPES)
  side: SideScope = 'all';
}

/** Query of `GET /analytics/series`. */
export class SeriesQuery extends SummaryQuery {
  @ApiPropertyOptional({ description: 'What to add up.', enum: SERIES_METRICS, default: 'trades' })
  @IsIn(SERIES_METRICS)
  metric: SeriesMetric = 'trades';

  @ApiPropertyOptional({
    description: `Width of a point: as last, from ${LEAST} to ${MOST}; at most 3,600 points.`,
    type: String,
    default: '1s',
    example: '1s',
  })
  @IsDuration(LEAST, MOST)
  step: string = '1s';
}

/** What closes a bar. */
export const BAR_KINDS = ['time', 'trades', 'volume'] as const;

/** One of `BAR_KINDS`. */
export type BarKind = (typeof BAR_KINDS)[number];

const NUMBER = /^\d{1,16}(?:\.\d{1,9})?(?:e[+-]?\d{1,2})?$/i;
const MAX_BAR_TRADES = 1_000_000;
const MAX_BAR_VOLUME = 1e15;

/** The size of a bar: seconds, trades or volume, as its kind says; NaN for a text that is none. */
export function barSize(by: BarKind, text: unknown): number {
  if (by === 'time') return durationSeconds(text);
  return typeof text === 'string' && NUMBER.test(text) ? Number(text) : Number.NaN;
}

const BAR_SIZES: Readonly<Record<BarKind, { readonly rule: string; isOne(size: number): boolean }>> = {
  time: {
    rule: `a duration from ${LEAST} to ${MOST}, such as 1s`,
    isOne: (size) => size >= 0.1 && size <= 3600,
  },
  trades: {
    rule: 'a whole number of trades from 1 to 1000000',
    isOne: (size) => Number.isInteger(size) && size >= 1 && size <= MAX_BAR_TRADES,
  },
  volume: { rule: 'a volume above 0, at most 1e15', isOne: (size) => size > 0 && size <= MAX_BAR_VOLUME },
};

function kindOf(args?: ValidationArguments): BarKind | undefined {
  const { by } = (args?.object ?? {}) as Partial<BarsQuery>;
  return BAR_KINDS.find((kind) => kind === by);
}

/** Validates the size of a bar by the kind in `by`; of an unknown kind, every size is right. */
function IsBarSize(): PropertyDecorator {
  return ValidateBy({
    name: 'isBarSize',
    validator: {
      validate: (value, args) => {
        const by = kindOf(args);
        return by === undefined || BAR_SIZES[by].isOne(barSize(by, value));
      },
      defaultMessage: (args) => `size must be ${BAR_SIZES[kindOf(args) ?? 'time'].rule}`,
    },
  });
}

/** Formats of bars. */
export const BAR_FORMATS = ['json', 'arrow'] as const;

/** Query of `GET /analytics/bars`. */
export class BarsQuery extends LastQuery {
  @ApiPropertyOptional({ description: 'What closes a bar.', enum: BAR_KINDS, default: 'time' })
  @IsIn(BAR_KINDS)
  by: BarKind = 'time';

  @ApiPropertyOptional({
    description: 'A duration such as 1s, a number of trades, or a volume, as `by` says; at most 3,600 bars.',
    type: String,
    default: '1s',
    example: '1s',
  })
  @IsBarSize()
  size: string = '1s';

  @ApiPropertyOptional({ description: 'JSON, or a table of Arrow.', enum: BAR_FORMATS, default: 'json' })
  @IsIn(BAR_FORMATS)
  format: (typeof BAR_FORMATS)[number] = 'json';
}

/** What symbols are ranked by. */
export const SYMBOL_RANKINGS = ['volume', 'trades', 'notional'] as const;

/** One of `SYMBOL_RANKINGS`. */
export type SymbolRanking = (typeof SYMBOL_RANKINGS)[number];

const MOST_SYMBOLS = 1000;

/** Query of `GET /analytics/symbols`. */
export class SymbolsQuery extends LastQuery {
  @ApiPropertyOptional({ description: 'What to rank by.', enum: SYMBOL_RANKINGS, default: 'volume' })
  @IsIn(SYMBOL_RANKINGS)
  by: SymbolRanking = 'volume';

  @ApiPropertyOptional({
    description: 'Most symbols in the answer, the first ones.',
    type: 'integer',
    minimum: 1,
    maximum: MOST_SYMBOLS,
    default: 50,
  })
  @Matches(/^(?:[1-9]\d{0,2}|1000)$/, { message: `limit must be a whole number from 1 to ${MOST_SYMBOLS}` })
  limit: string = '50';
}

/** Query of `GET /analytics/export`. */
export class ExportQuery extends LastQuery {
  @ApiPropertyOptional({ description: 'How rows are written.', enum: EXPORT_FORMATS, default: 'csv' })
  @IsIn(EXPORT_FORMATS)
  format: ExportFormat = 'csv';
}
