import { cleanRun } from './clean-run.fixture.js';
import { isClean } from './load-run.js';

describe('a run', () => {
  it('is clean when everything scheduled was accepted and applied', () => {
    expect(isClean(cleanRun)).toBe(true);
  });

  it.each([
    ['an event was not accepted', { accepted: 9, applied: 9 }],
    ['an accepted event was not applied', { applied: 9 }],
    ['more was applied than was sent', { applied: 11 }],
    ['an event was rejected', { rejected: 1 }],
    ['it was given up', { isComplete: false }],
  ])('is not clean when %s', (_what, difference) => {
    expect(isClean({ ...cleanRun, ...difference })).toBe(false);
  });
});
