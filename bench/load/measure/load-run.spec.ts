import { LatencyRecorder } from './latency-recorder.js';
import { isClean, type RunResult } from './load-run.js';

const clean: RunResult = {
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

describe('a run', () => {
  it('is clean when everything scheduled was accepted and applied', () => {
    expect(isClean(clean)).toBe(true);
  });

  it.each([
    ['an event was not accepted', { accepted: 9, applied: 9 }],
    ['an accepted event was not applied', { applied: 9 }],
    ['more was applied than was sent', { applied: 11 }],
    ['an event was rejected', { rejected: 1 }],
    ['it was given up', { isComplete: false }],
  ])('is not clean when %s', (_what, difference) => {
    expect(isClean({ ...clean, ...difference })).toBe(false);
  });
});
