import { hawkesArrivals, type HawkesParameters } from './hawkes-arrivals.js';
import { RandomSource } from './random-source.js';
import { countsInWindows, mean, take, variance } from './sample-statistics.fixture.js';

const COUNT = 200_000;
const parameters: HawkesParameters = { ratePerSecond: 100, branchingRatio: 0.6, decaySeconds: 0.05 };
const times = take(hawkesArrivals(parameters, new RandomSource(11)), COUNT);

/**
 * The integral of the intensity between consecutive arrivals. Under the true model these are exponential with mean 1,
 * whatever the parameters (time-rescaling theorem): it holds the simulation to the formula, and not to itself.
 */
function rescaledGaps(at: readonly number[], model: HawkesParameters): number[] {
  const { ratePerSecond, branchingRatio, decaySeconds } = model;
  const baseRate = ratePerSecond * (1 - branchingRatio);
  let excess = ratePerSecond - baseRate;
  let last = 0;
  return at.map((time) => {
    const wait = time - last;
    const decayed = excess * Math.exp(-wait / decaySeconds);
    const integral = baseRate * wait + (excess - decayed) * decaySeconds;
    excess = decayed + branchingRatio / decaySeconds;
    last = time;
    return integral;
  });
}

/** The largest distance between the sample's distribution and the exponential one (Kolmogorov and Smirnov). */
function distanceFromExponential(sample: readonly number[]): number {
  const distances = sample
    .toSorted((a, b) => a - b)
    .map((value, index) => Math.abs((index + 0.5) / sample.length - (1 - Math.exp(-value))));
  return distances.reduce((a, b) => Math.max(a, b), 0);
}

describe('Hawkes arrivals', () => {
  it('have the mean rate that was asked for, excited arrivals included', () => {
    const rate = COUNT / (times.at(-1) ?? 0);

    expect(rate / parameters.ratePerSecond).toBeGreaterThan(0.97);
    expect(rate / parameters.ratePerSecond).toBeLessThan(1.03);
  });

  it('have that rate from the first second on', () => {
    const counts = Array.from({ length: 400 }, (_, seed) => {
      const first = take(hawkesArrivals(parameters, new RandomSource(seed)), 600);
      return first.filter((time) => time < 1).length;
    });

    // The deviation of one count is 25: of the mean of 400 it is 1.25.
    expect(Math.abs(mean(counts) - parameters.ratePerSecond)).toBeLessThan(4);
  });

  it('have the branching ratio that was asked for: in long windows variance / mean is 1 / (1 − n)²', () => {
    // 5 s is a hundred times the decay: long enough for the limit to hold within 1 %.
    const counts = countsInWindows(times, 5);
    const branching = 1 - 1 / Math.sqrt(variance(counts) / mean(counts));

    expect(branching).toBeGreaterThan(0.56);
    expect(branching).toBeLessThan(0.64);
  });

  it('follow the intensity of the model: rescaled by it, the gaps are exponential', () => {
    const gaps = rescaledGaps(times, parameters);

    // 1.63 / √n is the 1 % limit of Kolmogorov and Smirnov.
    expect(distanceFromExponential(gaps)).toBeLessThan(1.63 / Math.sqrt(COUNT));
  });

  it('are seen not to follow another model', () => {
    const gaps = rescaledGaps(times, { ...parameters, decaySeconds: parameters.decaySeconds * 1.2 });

    expect(distanceFromExponential(gaps)).toBeGreaterThan(1.63 / Math.sqrt(COUNT));
  });

  it('are Poisson arrivals when nothing is excited', () => {
    const plain = take(hawkesArrivals({ ...parameters, branchingRatio: 0 }, new RandomSource(3)), 100_000);
    const counts = countsInWindows(plain, 1);

    expect(variance(counts) / mean(counts)).toBeGreaterThan(0.85);
    expect(variance(counts) / mean(counts)).toBeLessThan(1.15);
  });
});
