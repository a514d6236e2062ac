import { SIDE_SCOPES, type SideScope } from '@app/contracts';
import { ApiProperty } from '@nestjs/swagger';
import {
  BAR_KINDS,
  type BarKind,
  SERIES_METRICS,
  type SeriesMetric,
  SYMBOL_RANKINGS,
  type SymbolRanking,
} from './analytics-query.js';

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

  @ApiProperty({
    description: 'Standard deviation of the population.',
    type: Number,
    nullable: true,
    example: 0.5,
  })
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

/** Trades that belong together, by time, number or volume. */
export class BarAnswer {
  @ApiProperty({
    description: 'Time bars: the start of the step. Others: receipt of the first trade. Unix epoch seconds.',
  })
  start: number;

  @ApiProperty({ description: 'Receipt of the last trade, in unix epoch seconds.' })
  end: number;

  @ApiProperty({ description: 'First price; null where no trade has one.', type: Number, nullable: true })
  open: number | null;

  @ApiProperty({ type: Number, nullable: true })
  high: number | null;

  @ApiProperty({ type: Number, nullable: true })
  low: number | null;

  @ApiProperty({ description: 'Last price.', type: Number, nullable: true })
  close: number | null;

  @ApiProperty({ description: 'Sum of the quantities.', example: 180 })
  volume: number;

  @ApiProperty({ example: 12 })
  trades: number;

  @ApiProperty({
    description: 'Bought minus sold volume over all volume; null without volume.',
    type: Number,
    nullable: true,
    example: 0.2,
  })
  imbalance: number | null;
}

/** The columns of a bar in Arrow, in their order. */
export const BAR_COLUMNS = [
  'start',
  'end',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'trades',
  'imbalance',
] as const satisfies readonly (keyof BarAnswer)[];

/** Answer of `GET /analytics/bars`. */
export class BarsAnswer extends FrameAnswer {
  @ApiProperty({ enum: BAR_KINDS })
  by: BarKind;

  @ApiProperty({ description: 'Seconds, trades or volume.' })
  size: number;

  @ApiProperty({
    description: 'When it was asked, by the clock of the times of bars: unix epoch seconds.',
    example: 1795345871.25,
  })
  at: number;

  @ApiProperty({
    description: 'Oldest first; the last is still growing. No bar is empty.',
    type: [BarAnswer],
  })
  bars: BarAnswer[];
}

/** The trades of one symbol. */
export class SymbolAnswer {
  @ApiProperty({ description: 'Place among all symbols, from 1.', example: 1 })
  rank: number;

  @ApiProperty({ example: 'ETHUSDT' })
  symbol: string;

  @ApiProperty({ example: 120 })
  trades: number;

  @ApiProperty({ description: 'Sum of the quantities.', example: 180 })
  volume: number;

  @ApiProperty({
    description: 'Sum of price times quantity; null where no trade has a price.',
    type: Number,
    nullable: true,
    example: 76_000,
  })
  notional: number | null;

  @ApiProperty({
    description: 'Null where no trade has a price.',
    type: Number,
    nullable: true,
    example: 423.7,
  })
  lastPrice: number | null;

  @ApiProperty({ description: 'Volume bought minus sold.', example: -12.5 })
  delta: number;

  @ApiProperty({
    description: 'Share of the ranked figure of all symbols, 0 to 1; null when that is 0.',
    type: Number,
    nullable: true,
    example: 0.4,
  })
  share: number | null;
}

/** Answer of `GET /analytics/symbols`. */
export class SymbolsAnswer extends FrameAnswer {
  @ApiProperty({ enum: SYMBOL_RANKINGS })
  by: SymbolRanking;

  @ApiProperty({ description: 'How many symbols traded, listed or not.', example: 2 })
  count: number;

  @ApiProperty({
    description: 'Largest first. Trades without a symbol do not count here.',
    type: [SymbolAnswer],
  })
  symbols: SymbolAnswer[];
}

/** Answer of `GET /analytics/quantities`. */
export class QuantitiesAnswer extends FrameAnswer {
  @ApiProperty({ enum: SIDE_SCOPES, example: 'all' })
  side: SideScope;

  @ApiProperty({ description: 'Trades measured.', example: 120 })
  count: number;

  @ApiProperty({
    description: 'Quantile → quantity, to 1 %; null without trades.',
    type: 'object',
    additionalProperties: { type: 'number', nullable: true },
    example: { '0.1': 0.5, '0.5': 1, '0.9': 4, '0.99': 20 },
  })
  quantiles: Record<string, number | null>;
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
  @ApiProperty({
    description: 'Mean in seconds, without idle gaps, as burstiness is.',
    type: Number,
    nullable: true,
    example: 0.01,
  })
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
