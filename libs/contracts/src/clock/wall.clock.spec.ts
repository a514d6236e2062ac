import { nowSeconds } from './wall.clock.js';

describe('nowSeconds', () => {
  it('is unix time in seconds, close to the system clock', () => {
    expect(Math.abs(nowSeconds() - Date.now() / 1000)).toBeLessThan(0.5);
  });

  it('resolves less than a millisecond', () => {
    const first = nowSeconds();
    let next = nowSeconds();
    while (next === first) next = nowSeconds();
    expect(next - first).toBeLessThan(0.001);
  });
});
