import { setTimeout as sleep } from 'node:timers/promises';
import { readApplied } from '../../oracle/applied-rows.js';
import { eventOf, type Side } from '../../oracle/event-number.js';
import { readTotals, type Totals } from '../../oracle/totals.js';

const SETTLE_MS = 30_000;
const LOOK_EVERY_MS = 200;
const SHOWN = 5;

/** What the sidecar has to count: numbers that it must count, and numbers that it may count. */
export interface Expected {
  readonly accepted: ReadonlySet<number>;
  readonly unknown: ReadonlySet<number>;
}

/** The totals that exactly these numbers add up to. */
function totalsOf(numbers: Iterable<number>): Totals {
  const tallies = { buy: { count: 0, sum: 0 }, sell: { count: 0, sum: 0 } };
  for (const number of numbers) {
    const { side, qty } = eventOf(number);
    tallies[side].count += 1;
    tallies[side].sum += qty;
  }
  return tallies;
}

function list(numbers: readonly number[]): string {
  return `${numbers.slice(0, SHOWN).join(', ')}${numbers.length > SHOWN ? ', …' : ''}`;
}

function sameSide(side: Side, is: Totals, should: Totals): boolean {
  return is[side].count === should[side].count && is[side].sum === should[side].sum;
}

async function faultsNow(sidecarUrl: string, { accepted, unknown }: Expected): Promise<string[]> {
  const rows = await readApplied(sidecarUrl);
  const times = new Map<number | undefined, number>();
  for (const { number } of rows) times.set(number, (times.get(number) ?? 0) + 1);
  const lost = [...accepted].filter((number) => !times.has(number));
  const doubled = [...times].flatMap(([number, count]) =>
    number !== undefined && count > 1 ? [number] : [],
  );
  const known = new Set<number | undefined>([...accepted, ...unknown]);
  const foreign = rows.filter(({ number }) => !known.has(number)).length;
  const counted = [...known].filter((number): number is number => number !== undefined && times.has(number));
  const [is, should] = [await readTotals(sidecarUrl), totalsOf(counted)];
  const areTotalsWrong = !sameSide('buy', is, should) || !sameSide('sell', is, should);
  return [
    ...(lost.length > 0 ? [`${lost.length} accepted trades were not counted: ${list(lost)}`] : []),
    ...(doubled.length > 0 ? [`${doubled.length} trades were counted twice: ${list(doubled)}`] : []),
    ...(foreign > 0 ? [`${foreign} trades were counted that nobody sent`] : []),
    ...(areTotalsWrong ? ['trades_total and volume_total are not the sums of what was sent'] : []),
  ];
}

/**
 * Compares what the sidecar has counted with what was promised: each number once, and the sums of the quantities, which tell a
 * missing trade from one that was counted twice. Trades that are still on their way get 30 s.
 * @returns what is wrong, one sentence each
 */
export async function accountFaults(sidecarUrl: string, expected: () => Expected): Promise<string[]> {
  const deadlineMs = performance.now() + SETTLE_MS;
  for (;;) {
    const faults = await faultsNow(sidecarUrl, expected()).catch((error: unknown) => [
      `the account cannot be read: ${String(error)}`,
    ]);
    // Waiting does not repair a trade that was counted twice.
    const isSettled = faults.length === 0 || faults.some((fault) => fault.includes('counted twice'));
    if (isSettled || performance.now() > deadlineMs) return faults;
    await sleep(LOOK_EVERY_MS);
  }
}
