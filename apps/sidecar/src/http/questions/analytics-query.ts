import { SIDE_SCOPES, type SideScope } from '@app/contracts';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { buildMessage, IsIn, ValidateBy } from 'class-validator';

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
export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;

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

/** Query of `GET /analytics/export`. */
export class ExportQuery extends LastQuery {
  @ApiPropertyOptional({ description: 'How rows are written.', enum: EXPORT_FORMATS, default: 'csv' })
  @IsIn(EXPORT_FORMATS)
  format: ExportFormat = 'csv';
}
