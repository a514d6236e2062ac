import { METRICS, type HistogramDefinition } from '@app/contracts';
import { BucketHistogram } from '@app/service-kit';
import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

/** As the library's own provider, token and all, of the histogram that counts by the batch. */
function makeBucketHistogramProvider(definition: HistogramDefinition): Provider {
  return {
    ...makeHistogramProvider(definition),
    useFactory: () => new BucketHistogram(definition),
  } as Provider;
}

/** The metrics of what was applied. */
export const recorderMetrics: Provider[] = [
  makeCounterProvider(METRICS.tradesTotal),
  makeCounterProvider(METRICS.volumeTotal),
  makeGaugeProvider(METRICS.lastTradeTimestamp),
  makeBucketHistogramProvider(METRICS.receiveLatency),
  makeBucketHistogramProvider(METRICS.interarrival),
  makeCounterProvider(METRICS.clockSkew),
];
