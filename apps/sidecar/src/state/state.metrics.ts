import { METRICS } from '@app/contracts';
import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

/** The metrics of keeping state. */
export const stateMetrics: Provider[] = [
  makeCounterProvider(METRICS.stateCommits),
  makeCounterProvider(METRICS.stateCommitFailures),
  makeGaugeProvider(METRICS.stateLastCommit),
];
