import type { RateRange } from '../options/option-values.js';

/** The result is at most this share below the lowest rate that failed. */
const PRECISION = 0.05;

/** The outcome of a search. */
export interface FoundRates {
  /** The highest rate that held; undefined when not even the lowest did. */
  readonly held: number | undefined;
  /** The lowest rate that did not; undefined when even the highest held. */
  readonly failed: number | undefined;
}

/**
 * Finds the highest rate that holds: doubles from the lowest until one fails, then halves the gap until it is at most
 * 5 %. It assumes that a load that fails at one rate fails at every higher rate.
 * @param holds tries one rate, a whole number of events a second
 */
export async function searchRate(
  { lowest, highest }: RateRange,
  holds: (ratePerSecond: number) => Promise<boolean>,
): Promise<FoundRates> {
  let held: number | undefined;
  let failed: number | undefined;
  let rate = Math.round(lowest);
  while (failed === undefined && held !== highest) {
    if (await holds(rate)) held = rate;
    else failed = rate;
    rate = Math.min(rate * 2, highest);
  }
  while (held !== undefined && failed !== undefined && failed - held > Math.max(1, failed * PRECISION)) {
    const middle = Math.round((held + failed) / 2);
    if (await holds(middle)) held = middle;
    else failed = middle;
  }
  return { held, failed };
}
