import { appliedTrades } from '../../testing/samples.js';
import type { Side } from './event-number.js';

/** How many events of one side were counted, and the sum of their quantities. */
export interface Tally {
  readonly count: number;
  readonly sum: number;
}

/** The counters of both sides. */
export type Totals = Readonly<Record<Side, Tally>>;

/** What the sidecar has counted. @throws when it does not answer */
export async function readTotals(sidecarUrl: string): Promise<Totals> {
  const { buy, sell, buyVolume, sellVolume } = await appliedTrades(sidecarUrl);
  return { buy: { count: buy, sum: buyVolume }, sell: { count: sell, sum: sellVolume } };
}

/** Events of both sides. */
export function countOf({ buy, sell }: Totals): number {
  return buy.count + sell.count;
}
