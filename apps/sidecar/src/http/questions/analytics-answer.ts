import { SIDE_SCOPES, type SideScope } from '@app/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { SERIES_METRICS, type SeriesMetric } from './analytics-query.js';

/** JSON has no NaN and no Infinity: null means unknown, or not a number. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What every answer says about the trades that it covers. */
export class FrameAnswer {
  @ApiProperty({ description: 'How far back the answer goes, in seconds.', example: 60 })
  lastSeconds: number;

  @ApiProperty({
    description:
      'False when the frame no longer has all trades of that time: the figures cover only those it has.',
    example: true,
  })
  complete: boolean;
}

/** Statistics of quantities; null without trades. */
export class QuantityAnswer {
  @ApiProperty({ type: Number, nullable: true, example: 1.5 })
  mean: number | null;

  @ApiProperty({ description: 'Of the population.', type: Number, nullable: true, example: 0.5 })
  stddev: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 2 })
  max: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 1 })
  min: number | null;
}

/** Answer of `GET /analytics/summary`. */
export class SummaryAnswer extends FrameAnswer {
  @ApiProperty({ enum: SIDE_SCOPES, example: 'buy' })
  side: SideScope;

  @ApiProperty({ example: 120 })
  trades: number;

  @ApiProperty({ description: 'Sum of the quantities.', example: 180 })
  volume: number;

  @ApiProperty({ description: 'Trades a second over the time asked for.', example: 2 })
  rate: number;

  @ApiProperty({ type: QuantityAnswer })
  qty: QuantityAnswer;

  @ApiProperty({
    description: 'The ts of the trade received first, in unix epoch seconds.',
    type: Number,
    nullable: true,
  })
  firstTs: number | null;

  @ApiProperty({
    description: 'The ts of the trade received last, in unix epoch seconds.',
    type: Number,
    nullable: true,
  })
  lastTs: number | null;
}

/** Answer of `GET /analytics/series`. */
export class SeriesAnswer extends FrameAnswer {
  @ApiProperty({ enum: SERIES_METRICS, example: 'volume' })
  metric: SeriesMetric;

  @ApiProperty({ enum: SIDE_SCOPES, example: 'sell' })
  side: SideScope;

  @ApiProperty({ description: 'Width of a point, in seconds.', example: 1 })
  stepSeconds: number;

  @ApiProperty({
    description:
      'Each [start in unix epoch seconds, value], oldest first, by the time of receipt. Starts are multiples of the step; the last point is still growing.',
    type: 'array',
    items: { type: 'array', items: { type: 'number' } },
    example: [[1795345871, 3.5]],
  })
  points: [number, number][];
}

/** One bucket of a histogram. */
export class BucketAnswer {
  @ApiProperty({ description: 'Upper bound in seconds, inclusive.', example: 0.001 })
  le: number;

  @ApiProperty({
    description: 'Durations up to the bound, including those of smaller buckets.',
    example: 118,
  })
  count: number;
}

/** What an answer about durations has. */
export class DurationsAnswer extends FrameAnswer {
  @ApiProperty({ description: 'Durations measured.', example: 120 })
  count: number;

  @ApiProperty({
    description: 'Quantile → seconds, exact to 0.1 %; null without durations.',
    type: 'object',
    additionalProperties: { type: 'number', nullable: true },
    example: { '0.5': 0.0004, '0.9': 0.0007, '0.99': 0.0011, '0.999': 0.0024 },
  })
  quantiles: Record<string, number | null>;

  @ApiProperty({
    description: 'Cumulative, as in Prometheus, without +Inf: that is count.',
    type: [BucketAnswer],
  })
  histogram: BucketAnswer[];
}

/** Answer of `GET /analytics/latency`. */
export class LatencyAnswer extends DurationsAnswer {
  @ApiProperty({ description: 'Trades left out because their ts is later than their receipt.', example: 0 })
  skewed: number;
}

/** Answer of `GET /analytics/interarrival`. */
export class InterarrivalAnswer extends DurationsAnswer {
  @ApiProperty({ description: 'Mean in seconds.', type: Number, nullable: true, example: 0.01 })
  mean: number | null;

  @ApiProperty({
    description:
      'Burstiness independent of the sample size (Kim and Jo 2016), −1 to 1; null for fewer than 10.',
    type: Number,
    nullable: true,
    example: 0.02,
  })
  burstiness: number | null;

  @ApiProperty({
    description: 'Plain burstiness (σ−μ)/(σ+μ) (Goh and Barabási 2008); null for fewer than 10.',
    type: Number,
    nullable: true,
    example: 0.01,
  })
  plainBurstiness: number | null;
}
