import { FailedAttempts } from './failed-attempts.js';

describe('FailedAttempts', () => {
  it('lets an address wait once it has failed too often, until its window ends', () => {
    let nowMs = 0;
    const attempts = new FailedAttempts(2, 1000, () => nowMs);
    attempts.add('a');
    expect(attempts.waitMs('a')).toBe(0);
    nowMs = 400;
    attempts.add('a');
    expect(attempts.waitMs('a')).toBe(600);
    expect(attempts.waitMs('b')).toBe(0);
    nowMs = 1000;
    expect(attempts.waitMs('a')).toBe(0);
    attempts.add('a');
    expect(attempts.waitMs('a')).toBe(0);
  });

  it('remembers a bounded number of addresses', () => {
    const attempts = new FailedAttempts(1, 1000, () => 0);
    attempts.add('first');
    for (let n = 0; n < 10_000; n += 1) attempts.add(String(n));
    expect(attempts.waitMs('first')).toBe(0);
    expect(attempts.waitMs('9999')).toBe(1000);
  });
});
