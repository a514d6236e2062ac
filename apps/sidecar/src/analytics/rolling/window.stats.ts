import type { Moments } from './moments.js';

/** What a rolling window holds; the last three are NaN while it holds no trade. */
export interface WindowStats {
  readonly trades: number;
  readonly volume: number;
  readonly qtyMean: number;
  /** Of the population. */
  readonly qtyStddev: number;
  readonly qtyMax: number;
}

/** Names the moments of quantities. */
export function toWindowStats({ count, sum, mean, stddev, max }: Moments): WindowStats {
  return { trades: count, volume: sum, qtyMean: mean, qtyStddev: stddev, qtyMax: max };
}
