import { METRICS } from '@app/contracts';
import { HttpGate } from '@app/service-kit';
import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { LiveStream } from './live.stream.js';

/** Who listens, who was cut off, and who was not let in. */
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
  makeCounterProvider({
    ...METRICS.httpRefused,
    inject: [HttpGate],
    collect(gate: HttpGate) {
      this.reset();
      for (const [reason, times] of Object.entries(gate.refusals())) this.labels(reason).inc(times);
    },
  }),
];
