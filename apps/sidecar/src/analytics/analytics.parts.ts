import type { ModuleMetadata, Type } from '@nestjs/common';
import { RecorderModule } from '../recorder/recorder.module.js';
import { ReceiveClock } from './rolling/receive.clock.js';
import { TradeAnalysis, TRADE_METRICS } from './trade.analysis.js';
import type { TradeMetric } from './trade.metric.js';

/** The parts of a module that keeps these metrics. */
export function analyticsParts(metrics: readonly Type<TradeMetric>[]): ModuleMetadata {
  return {
    imports: [RecorderModule],
    providers: [
      ReceiveClock,
      ...metrics,
      {
        provide: TRADE_METRICS,
        inject: [...metrics],
        useFactory: (...made: TradeMetric[]): readonly TradeMetric[] => made,
      },
      TradeAnalysis,
    ],
    exports: [...metrics, ReceiveClock],
  };
}
