import { BackOff, retryAfterMs } from './back-off.js';

describe('the waits between attempts', () => {
  it('double up to a bound, and begin anew after a success', () => {
    const backOff = new BackOff({ firstMs: 100, mostMs: 1000 }, () => 1);
    expect(Array.from({ length: 6 }, () => backOff.nextMs())).toEqual([100, 200, 400, 800, 1000, 1000]);
    backOff.reset();
    expect(backOff.nextMs()).toBe(100);
  });

  it('are drawn from the upper half of their bound', () => {
    expect(new BackOff({ firstMs: 100 }, () => 0).nextMs()).toBe(50);
    expect(new BackOff({ firstMs: 100 }, () => 0.5).nextMs()).toBe(75);
  });

  it('stay bounded for ever', () => {
    const backOff = new BackOff({}, () => 1);
    for (let attempt = 0; attempt < 5000; attempt += 1) backOff.nextMs();
    expect(backOff.nextMs()).toBe(60_000);
  });

  it('are at least what the other side asks for', () => {
    expect(new BackOff({ firstMs: 100 }, () => 1).nextMs(5000)).toBe(5000);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['5', 5000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['soon', 0],
    ['', 0],
    ['5000', 3_600_000],
    ['9'.repeat(400), 3_600_000],
    ['Thu, 01 Jan 2099 00:00:00 GMT', 3_600_000],
    [undefined, 0],
  ])('%s asks for %d ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
