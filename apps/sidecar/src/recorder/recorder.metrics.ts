import { METRICS } from '@app/contracts';
import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

/** The metrics of what was applied. */
export const recorderMetrics: Provider[] = [
  makeCounterProvider(METRICS.tradesTotal),
  makeCounterProvider(METRICS.volumeTotal),
  makeGaugeProvider(METRICS.lastTradeTimestamp),
  makeHistogramProvider(METRICS.receiveLatency),
  makeHistogramProvider(METRICS.interarrival),
  makeCounterProvider(METRICS.clockSkew),
];
