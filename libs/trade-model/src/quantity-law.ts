import type { RandomSource } from './random-source.js';

/** How quantities are distributed. Real trades are many small ones and a few huge ones: the last two laws have such tails. */
export type QuantityLaw =
  | { readonly kind: 'fixed' }
  /** `shape` is the deviation of the logarithm. */
  | { readonly kind: 'lognormal'; readonly mean: number; readonly shape: number }
  /** `shape` is the tail exponent, over 1: up to 2 the variance is infinite, and single trades dominate the volume. */
  | { readonly kind: 'pareto'; readonly mean: number; readonly shape: number };

const SIZES = 8;
/** As fine as an exchange's lots; nothing is rounded down to 0. */
const LOTS = 1e8;

function inLots(qty: number): number {
  return Math.max(1, Math.round(qty * LOTS)) / LOTS;
}

/** Quantities without end. `fixed` gives the quarters from 0.25 to 2 in turn: sums of them are exact in floating point. */
export function* quantities(law: QuantityLaw, random: RandomSource): Generator<number, never> {
  for (let index = 0; ; index += 1) {
    if (law.kind === 'fixed') yield ((index % SIZES) + 1) / 4;
    else if (law.kind === 'lognormal')
      yield inLots(law.mean * Math.exp(law.shape * random.normal() - law.shape ** 2 / 2));
    else yield inLots(law.mean * (1 - 1 / law.shape) * random.uniform() ** (-1 / law.shape));
  }
}
