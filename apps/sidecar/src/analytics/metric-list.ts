import type { Type } from '@nestjs/common';
import { RecentTrades } from './frame/trade-frame.js';
import { BurstinessMetric } from './metrics/burstiness.metric.js';
import { FlowMetrics } from './metrics/flow.metric.js';
import { LatencyQuantileMetric } from './metrics/latency-quantile.metric.js';
import { PriceMetrics } from './metrics/price.metric.js';
import { QtyQuantileMetric } from './metrics/qty-quantile.metric.js';
import { StageLatencyMetric } from './metrics/stage-latency.metric.js';
import { SymbolMetrics } from './metrics/symbol.metric.js';
import { VolumeEwmaMetric } from './metrics/volume-ewma.metric.js';
import { WindowMetrics } from './metrics/window.metric.js';
import type { TradeMetric } from './trade.metric.js';

/** The metrics that follow trades, in the order in which they get them. A new one is a file and a line here. */
export const tradeMetrics: readonly Type<TradeMetric>[] = [
  WindowMetrics,
  VolumeEwmaMetric,
  BurstinessMetric,
  LatencyQuantileMetric,
  FlowMetrics,
  QtyQuantileMetric,
  SymbolMetrics,
  PriceMetrics,
  RecentTrades,
  // Last: it measures until all others are done.
  StageLatencyMetric,
];
