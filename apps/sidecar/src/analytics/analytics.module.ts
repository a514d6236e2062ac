import { Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { CountingModule } from '../counting/counting.module.js';
import { tradeMetrics } from './metric-list.js';
import { ReceiveClock } from './rolling/receive-clock.js';
import { AnalyticsSnapshot } from './snapshot.js';
import { TradeAnalysis, TRADE_METRICS } from './trade-analysis.js';
import type { TradeMetric } from './trade.metric.js';

/** The parts of a module with these metrics. */
export function analyticsParts(metrics: readonly Type<TradeMetric>[]): ModuleMetadata {
  return {
    imports: [CountingModule],
    providers: [
      ReceiveClock,
      ...metrics,
      {
        provide: TRADE_METRICS,
        inject: [...metrics],
        useFactory: (...made: TradeMetric[]): readonly TradeMetric[] => made,
      },
      TradeAnalysis,
      AnalyticsSnapshot,
    ],
    exports: [...metrics, AnalyticsSnapshot, ReceiveClock],
  };
}

/** Rolling statistics of the applied trades, as metrics. */
@Module(analyticsParts(tradeMetrics))
export class AnalyticsModule {}
