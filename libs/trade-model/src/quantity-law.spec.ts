import { quantities, type QuantityLaw } from './quantity-law.js';
import { RandomSource } from './random-source.js';
import { mean, take, variance } from './sample-statistics.fixture.js';

const sample = (law: QuantityLaw, count = 200_000) => take(quantities(law, new RandomSource(5)), count);

describe('quantities', () => {
  it('fixed: are quarters in turn, whose sums are exact', () => {
    expect(sample({ kind: 'fixed' }, 9)).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 0.25]);
  });

  it('lognormal: have the mean that was asked for, and a logarithm of that deviation', () => {
    const values = sample({ kind: 'lognormal', mean: 3, shape: 0.8 });

    expect(mean(values) / 3).toBeCloseTo(1, 1);
    expect(Math.sqrt(variance(values.map(Math.log)))).toBeCloseTo(0.8, 2);
  });

  it('pareto: have the mean that was asked for, and the tail of that exponent', () => {
    const values = sample({ kind: 'pareto', mean: 3, shape: 2.5 });
    // Hill's estimator: over the smallest value, logarithms of a Pareto law are exponential.
    const least = 3 * (1 - 1 / 2.5);
    const exponent = 1 / mean(values.map((value) => Math.log(value / least)));

    expect(mean(values) / 3).toBeCloseTo(1, 1);
    expect(exponent).toBeCloseTo(2.5, 1);
    expect(values.every((value) => value >= least - 1e-8)).toBe(true);
  });

  it.each(['lognormal', 'pareto'] as const)('%s: are never 0, and no finer than a lot', (kind) => {
    const values = sample({ kind, mean: 1e-7, shape: 3 }, 10_000);

    expect(values.every((value) => value >= 1e-8)).toBe(true);
    expect(values.map((value) => Math.round(value * 1e8) / 1e8)).toEqual(values);
  });
});
