import { METRICS } from '@app/contracts';
import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { LiveStream } from './live.stream.js';

/** Who listens, and who was cut off. */
export const streamMetrics: Provider[] = [
  makeGaugeProvider({
    ...METRICS.feedClients,
    inject: [LiveStream],
    collect(stream: LiveStream) {
      this.set(stream.stats().clients);
    },
  }),
  makeCounterProvider({
    ...METRICS.feedDroppedClients,
    inject: [LiveStream],
    collect(stream: LiveStream) {
      this.reset();
      this.inc(stream.stats().droppedClients);
    },
  }),
];
