import { fixedArrivals, poissonArrivals } from './arrivals.js';
import { countsInWindows, gapsOf, mean, take, variance } from './sample-statistics.fixture.js';
import { RandomSource } from './random-source.js';

describe('fixed arrivals', () => {
  it('are as many as rate and duration say', () => {
    expect([...fixedArrivals(5000, 10)]).toHaveLength(50_000);
  });

  it('are evenly spaced, from the start of the run', () => {
    expect([...fixedArrivals(4, 1)]).toEqual([0, 0.25, 0.5, 0.75]);
  });
});

describe('Poisson arrivals', () => {
  const rate = 200;
  const times = take(poissonArrivals(rate, new RandomSource(7)), 100_000);

  it('have exponential gaps: mean and deviation are both one over the rate', () => {
    const gaps = gapsOf(times);

    expect(mean(gaps) * rate).toBeCloseTo(1, 1);
    expect(Math.sqrt(variance(gaps)) * rate).toBeCloseTo(1, 1);
  });

  it('have counts whose variance is their mean', () => {
    const counts = countsInWindows(times, 0.5);

    expect(mean(counts) / (rate * 0.5)).toBeCloseTo(1, 1);
    expect(variance(counts) / mean(counts)).toBeGreaterThan(0.8);
    expect(variance(counts) / mean(counts)).toBeLessThan(1.2);
  });

  it('are the same for the same seed, and others for another', () => {
    const [one, again, other] = [1, 1, 2].map((seed) =>
      take(poissonArrivals(rate, new RandomSource(seed)), 5),
    );

    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
  });
});
