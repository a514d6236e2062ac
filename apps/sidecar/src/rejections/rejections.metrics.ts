import { METRICS } from '@app/contracts';
import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { DeadLetterRing } from './dead-letter.ring.js';

/** The metrics of what was not applied. */
export const rejectionMetrics: Provider[] = [
  makeCounterProvider(METRICS.eventsRejected),
  makeCounterProvider(METRICS.deadLettersUnwritten),
  makeCounterProvider(METRICS.deadLettersReplayed),
  makeGaugeProvider({
    ...METRICS.deadLetters,
    inject: [DeadLetterRing],
    collect(ring: DeadLetterRing) {
      this.set(ring.size);
    },
  }),
];
