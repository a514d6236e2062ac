import { eventOf } from '../oracle/event-number.js';
import type { Totals } from '../oracle/totals.js';

/** Counts and sums of both sides as one key. */
function keyOf(totals: readonly number[]): string {
  return totals.join(' ');
}

function flat({ buy, sell }: Totals): number[] {
  return [buy.count, buy.sum, sell.count, sell.sum];
}

/** What some events add to the counters. */
export function totalsOf(numbers: Iterable<number>): Totals {
  const totals = { buy: { count: 0, sum: 0 }, sell: { count: 0, sum: 0 } };
  for (const number of numbers) {
    const { side, qty } = eventOf(number);
    totals[side].count += 1;
    totals[side].sum += qty;
  }
  return totals;
}

/** `a − b`, side by side. */
export function difference(a: Totals, b: Totals): Totals {
  const of = (side: 'buy' | 'sell') => ({
    count: a[side].count - b[side].count,
    sum: a[side].sum - b[side].sum,
  });
  return { buy: of('buy'), sell: of('sell') };
}

/** One way to choose a beginning of each lane: what it adds, and which events it takes. */
interface Choice {
  readonly totals: readonly number[];
  readonly taken: readonly number[];
}

function* choices(lanes: readonly (readonly number[])[], from = 0): Generator<Choice> {
  const lane = lanes[from];
  if (lane === undefined) {
    yield { totals: [0, 0, 0, 0], taken: [] };
    return;
  }
  for (const rest of choices(lanes, from + 1)) {
    for (let length = 0; length <= lane.length; length += 1) {
      const taken = lane.slice(0, length);
      const added = flat(totalsOf(taken));
      yield {
        totals: rest.totals.map((value, index) => value + (added[index] ?? 0)),
        taken: [...rest.taken, ...taken],
      };
    }
  }
}

/** Two groups of lanes with about as many choices each. */
function halves(lanes: readonly (readonly number[])[]): [number[][], number[][]] {
  const groups: [number[][], number[][]] = [[], []];
  const sizes = [1, 1];
  for (const lane of lanes.toSorted((a, b) => b.length - a.length)) {
    const smaller = (sizes[0] ?? 1) <= (sizes[1] ?? 1) ? 0 : 1;
    groups[smaller].push([...lane]);
    sizes[smaller] = (sizes[smaller] ?? 1) * (lane.length + 1);
  }
  return groups;
}

/**
 * Finds the events behind what the counters say beyond what was promised: a beginning of each lane whose events add up
 * to it, in number and quantity, on both sides.
 * @returns the events; undefined when no such choice exists, which means that something was lost or counted twice
 */
export function explain(rest: Totals, lanes: readonly (readonly number[])[]): number[] | undefined {
  const [left, right] = halves(lanes);
  const byTotals = new Map<string, Choice>();
  for (const choice of choices(left)) byTotals.set(keyOf(choice.totals), choice);
  const wanted = flat(rest);
  for (const choice of choices(right)) {
    const missing = wanted.map((value, index) => value - (choice.totals[index] ?? 0));
    const other = byTotals.get(keyOf(missing));
    if (other !== undefined) return [...choice.taken, ...other.taken].sort((a, b) => a - b);
  }
  return undefined;
}
