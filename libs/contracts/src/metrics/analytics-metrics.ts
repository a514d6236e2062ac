import { TRADE_SIDES, type TradeSide } from '../trade/trade-pattern.js';
import {
  type HistogramDefinition,
  LATENCY_BUCKETS_SECONDS,
  type MetricDefinition,
} from './metric-definition.js';

/**
 * What the sidecar's analysis layer derives from trades. `side` is buy, sell or all; `window` is 1m or 5m; windows run
 * over the time of receipt.
 */
export const analyticsMetrics = {
  windowTrades: {
    name: 'trading_window_trades',
    help: 'Trades received within the rolling window, by side (buy, sell, all).',
    labelNames: ['side', 'window'],
  } satisfies MetricDefinition<'side' | 'window'>,
  windowVolume: {
    name: 'trading_window_volume',
    help: 'Sum of the quantities received within the rolling window, by side (buy, sell, all).',
    labelNames: ['side', 'window'],
  } satisfies MetricDefinition<'side' | 'window'>,
  windowQtyMean: {
    name: 'trading_window_qty_mean',
    help: 'Mean quantity of a trade within the rolling window; NaN while it holds no trade.',
    labelNames: ['side', 'window'],
  } satisfies MetricDefinition<'side' | 'window'>,
  windowQtyStddev: {
    name: 'trading_window_qty_stddev',
    help: 'Population standard deviation of the quantities within the rolling window; NaN while it holds no trade.',
    labelNames: ['side', 'window'],
  } satisfies MetricDefinition<'side' | 'window'>,
  windowQtyMax: {
    name: 'trading_window_qty_max',
    help: 'Largest quantity of a trade within the rolling window; NaN while it holds no trade.',
    labelNames: ['side', 'window'],
  } satisfies MetricDefinition<'side' | 'window'>,
  volumeEwma: {
    name: 'trading_volume_ewma',
    help: 'Exponentially weighted volume rate in quantity a second; it decays with time, not with trades.',
    labelNames: ['side'],
  } satisfies MetricDefinition<'side'>,
  burstiness: {
    name: 'trading_burstiness',
    help: 'Burstiness of the times between trades: -1 regular, 0 random, 1 bursty; NaN while there are too few.',
    labelNames: ['window'],
  } satisfies MetricDefinition<'window'>,
  receiveLatencyQuantile: {
    name: 'trading_receive_latency_quantile_seconds',
    help: 'Quantiles of the receive latency of the last one to two minutes; NaN while there was no trade.',
    labelNames: ['quantile'],
  } satisfies MetricDefinition<'quantile'>,
  stageLatency: {
    name: 'trading_stage_latency_seconds',
    help: 'Seconds a trade spent in one stage of its way, by stage (accepted_to_sent, sent_to_received, received_to_applied).',
    labelNames: ['stage'],
    buckets: LATENCY_BUCKETS_SECONDS,
  } satisfies HistogramDefinition<'stage'>,
};

/** The stages of a trade's way: the closed value set of the label `stage`. docs/explanation/analytics.md says who measures which. */
export const TRADE_STAGES = ['accepted_to_sent', 'sent_to_received', 'received_to_applied'] as const;

/** One of `TRADE_STAGES`. */
export type TradeStage = (typeof TRADE_STAGES)[number];

/** What rolling metrics cover, as their label `side`: one side, or both together. */
export const SIDE_SCOPES = [...TRADE_SIDES, 'all'] as const;

/** One of `SIDE_SCOPES`. */
export type SideScope = TradeSide | 'all';

/** The rolling windows: the closed value set of the label `window`, each with its length in seconds. */
export const ROLLING_WINDOWS = [
  { label: '1m', seconds: 60 },
  { label: '5m', seconds: 300 },
] as const;

/** Of the longest of them. */
export const LONGEST_WINDOW_SECONDS = Math.max(...ROLLING_WINDOWS.map(({ seconds }) => seconds));

/** The label of one of `ROLLING_WINDOWS`. */
export type RollingWindow = (typeof ROLLING_WINDOWS)[number]['label'];
