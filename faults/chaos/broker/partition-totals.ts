import { scrape } from '../../../testing/samples.js';
import type { Side } from '../../oracle/event-number.js';
import type { Tally, Totals } from '../../oracle/totals.js';
import type { Counter } from './broker-stage.js';

const SAMPLE = /^(?<name>trades|volume)_total\{side="(?<side>buy|sell)",partition="(?<partition>\d+)"\}$/;

/** Counts of each partition, as the sidecars show them, by `side partition`. */
export type PartitionTotals = ReadonlyMap<string, Tally>;

/**
 * What the sidecars have counted. A count goes on in the next owner of its partition, and the larger one is the count.
 * @throws when one does not answer
 */
export async function readPartitions(sidecars: readonly Counter[]): Promise<PartitionTotals> {
  const totals = new Map<string, { count: number; sum: number }>();
  const all = await Promise.all(sidecars.map(({ url }) => scrape(`${url}/metrics/`)));
  for (const samples of all) {
    for (const [sample, value] of samples) {
      const { name, side, partition } = SAMPLE.exec(sample)?.groups ?? {};
      if (name === undefined) continue;
      const key = `${side} ${partition}`;
      const tally = totals.get(key) ?? { count: 0, sum: 0 };
      if (name === 'trades') tally.count = Math.max(tally.count, value);
      else tally.sum = Math.max(tally.sum, value);
      totals.set(key, tally);
    }
  }
  return totals;
}

/** What was counted from one moment to another. Exact: each partition's sum is, and the sum of a million events would not be. */
export function countedBetween(before: PartitionTotals, after: PartitionTotals): Totals {
  const counted = { buy: { count: 0, sum: 0 }, sell: { count: 0, sum: 0 } };
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const earlier = before.get(key) ?? { count: 0, sum: 0 };
    const later = after.get(key) ?? { count: 0, sum: 0 };
    const side = counted[key.split(' ')[0] as Side];
    side.count += later.count - earlier.count;
    side.sum += later.sum - earlier.sum;
  }
  return counted;
}
