import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { SIDE_SCOPES, type SideScope } from '../rolling/side.scope.js';
import { IsDuration } from './duration.js';

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
  @ApiPropertyOptional({ description: 'Of which side.', enum: SIDE_SCOPES, default: 'all' })
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
