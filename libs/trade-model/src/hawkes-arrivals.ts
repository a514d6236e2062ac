import type { RandomSource } from './random-source.js';

/** A self-exciting process: every arrival makes further ones more likely for a while, as trades do. */
export interface HawkesParameters {
  /** Mean rate of all arrivals in the long run, including excited ones. */
  readonly ratePerSecond: number;
  /** How many arrivals each one excites directly, on average: from 0 (Poisson) to below 1 (it would never calm down). */
  readonly branchingRatio: number;
  /** Mean time from an arrival to one that it excites; the excitation decays by e in it. */
  readonly decaySeconds: number;
}

/**
 * Arrivals of a Hawkes process with the exponential kernel `branching · e^(−t / decay) / decay`, in seconds from the
 * start, without end. The simulation is exact: waiting times are drawn from their own distribution, as the smaller of
 * the wait for the constant part of the intensity and the wait for its decaying part, which may never end.
 * Source: Dassios and Zhao, "Exact simulation of Hawkes process with exponentially decaying intensity", Electronic
 * Communications in Probability 18 (2013), no. 62, algorithm 3.1, with a constant jump.
 */
export function* hawkesArrivals(
  { ratePerSecond, branchingRatio, decaySeconds }: HawkesParameters,
  random: RandomSource,
): Generator<number> {
  const baseRate = ratePerSecond * (1 - branchingRatio);
  const jump = branchingRatio / decaySeconds;
  // Starting at the long-run mean keeps the expected rate the same from the first second on.
  let excess = ratePerSecond - baseRate;
  let seconds = 0;
  for (;;) {
    const left = 1 - random.exponential() / (decaySeconds * excess);
    const excitedWait = left > 0 ? -Math.log(left) * decaySeconds : Number.POSITIVE_INFINITY;
    const wait = Math.min(excitedWait, random.exponential() / baseRate);
    seconds += wait;
    excess = excess * Math.exp(-wait / decaySeconds) + jump;
    yield seconds;
  }
}
