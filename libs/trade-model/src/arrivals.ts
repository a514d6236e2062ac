import type { RandomSource } from './random-source.js';

/** Evenly spaced arrivals, in seconds from the start: exactly `rate × duration` of them. */
export function* fixedArrivals(ratePerSecond: number, durationSeconds: number): Generator<number> {
  const count = Math.round(ratePerSecond * durationSeconds);
  for (let index = 0; index < count; index += 1) yield index / ratePerSecond;
}

/** Independent arrivals (a Poisson process), without end. */
export function* poissonArrivals(ratePerSecond: number, random: RandomSource): Generator<number> {
  let seconds = 0;
  for (;;) {
    seconds += random.exponential() / ratePerSecond;
    yield seconds;
  }
}
