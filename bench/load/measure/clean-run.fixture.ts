import { LatencyRecorder } from './latency-recorder.js';
import type { RunResult } from './load-run.js';

/** A run of which every event was accepted and applied. */
export const cleanRun: RunResult = {
  plan: { description: 'ten', ratePerSecond: 10, durationSeconds: 1, trades: [] },
  scheduled: 10,
  isComplete: true,
  elapsedSeconds: 1,
  accepted: 10,
  applied: 10,
  rejected: 0,
  errors: {},
  explanations: {},
  lag: new LatencyRecorder(),
  answer: undefined,
  receive: new LatencyRecorder(),
};
