import type { Type } from '@nestjs/common';
import { RecentTrades } from './frame/trade-frame.js';
import { BurstinessMetric } from './metrics/burstiness.metric.js';
import { LatencyQuantileMetric } from './metrics/latency-quantile.metric.js';
import { StageLatencyMetric } from './metrics/stage-latency.metric.js';
import { VolumeEwmaMetric } from './metrics/volume-ewma.metric.js';
import { WindowMetrics } from './metrics/window.metric.js';
import type { TradeMetric } from './trade.metric.js';

/** The metrics that follow trades, in the order in which they get them. A new one is a file and a line here. */
export const tradeMetrics: readonly Type<TradeMetric>[] = [
  WindowMetrics,
  VolumeEwmaMetric,
  BurstinessMetric,
  LatencyQuantileMetric,
  RecentTrades,
  // Last: it measures until all others are done.
  StageLatencyMetric,
];
