import type { Moments } from './moments.js';

/** Fewer inter-arrival times than this say nothing about burstiness. */
export const MIN_INTERARRIVALS = 10;

/**
 * The burstiness (σ−μ)/(σ+μ) of inter-arrival times by Goh and Barabási, EPL 81, 48002 (2008): −1 for a metronome, 0 for
 * random (Poisson) arrivals, towards 1 for bursts. NaN for fewer than `MIN_INTERARRIVALS`, and when all are 0.
 */
export function burstiness({ count, mean, stddev }: Moments): number {
  return count < MIN_INTERARRIVALS ? Number.NaN : (stddev - mean) / (stddev + mean);
}

/**
 * The same, freed from the number of arrivals n, by Kim and Jo, Phys. Rev. E 94, 032311 (2016), arXiv:1604.01125:
 * (√(n+1)·r − √(n−1)) / ((√(n+1) − 2)·r + √(n−1)) with r = σ/μ. The plain figure cannot reach 1 in a small sample, and is
 * below 0 for random arrivals. Both agree as n grows.
 */
export function finiteBurstiness({ count, mean, stddev }: Moments): number {
  if (count < MIN_INTERARRIVALS) return Number.NaN;
  const ratio = stddev / mean;
  const [above, below] = [Math.sqrt(count + 1), Math.sqrt(count - 1)];
  return (above * ratio - below) / ((above - 2) * ratio + below);
}
