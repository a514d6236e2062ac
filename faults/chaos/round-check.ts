import type { AppliedRow } from '../oracle/applied-rows.js';
import { numberOf } from '../oracle/event-number.js';
import type { Totals } from '../oracle/totals.js';
import type { RoundBook } from './round-book.js';
import { difference, explain, totalsOf } from './unknown-solver.js';

/** What is known at the end of a round, when nothing moves any more. */
export interface RoundEvidence {
  readonly book: RoundBook;
  /** The kept counters before the round and after it. */
  readonly before: Totals;
  readonly after: Totals;
  /** What the sidecar's process, as it runs now, has applied. */
  readonly rows: readonly AppliedRow[];
  /** Whether that process ran through the whole round: its rows are complete then. */
  readonly areRowsComplete: boolean;
}

/** The outcome of a round. */
export interface RoundVerdict {
  /** Events with an unknown outcome that were applied. */
  readonly unknownApplied: number;
  readonly unknown: number;
  /** Empty when every promise was kept; otherwise a line for each violation, with the numbers. */
  readonly violations: readonly string[];
}

const SHOWN_NUMBERS = 20;

function shown(numbers: readonly number[]): string {
  const more = numbers.length > SHOWN_NUMBERS ? ` and ${numbers.length - SHOWN_NUMBERS} more` : '';
  return numbers.slice(0, SHOWN_NUMBERS).join(', ') + more;
}

/** Names the event when a single one makes the difference: its quantity tells its number. */
function describeRest({ buy, sell }: Totals): string {
  const sides = Object.entries({ buy, sell }).filter(([, { count, sum }]) => count !== 0 || sum !== 0);
  return sides
    .map(([side, { count, sum }]) => {
      const number = Math.abs(count) === 1 ? numberOf(Math.abs(sum)) : undefined;
      const which = number === undefined ? '' : `: number ${number} ${count < 0 ? 'lost' : 'twice'}`;
      return `${side} count ${count}, sum ${sum}${which}`;
    })
    .join('; ');
}

function checkRows({ rows, areRowsComplete, book }: RoundEvidence): string[] {
  const times = new Map<number, number>();
  let strangers = 0;
  for (const { number } of rows) {
    if (number === undefined) strangers += 1;
    else times.set(number, (times.get(number) ?? 0) + 1);
  }
  const twice = [...times].filter(([, count]) => count > 1).map(([number]) => number);
  const refused = [...book.refused].filter((number) => times.has(number));
  const missing = areRowsComplete ? [...book.accepted].filter((number) => !times.has(number)) : [];
  return [
    ...(strangers > 0 ? [`${strangers} applied that nobody sent`] : []),
    ...(twice.length > 0 ? [`applied twice: ${shown(twice)}`] : []),
    ...(refused.length > 0 ? [`refused, but applied: ${shown(refused)}`] : []),
    ...(missing.length > 0 ? [`accepted and lost: ${shown(missing)}`] : []),
  ];
}

/** What of a book's events the counters have, and what is wrong with that. */
export function checkCounts(book: RoundBook, counted: Totals): RoundVerdict {
  const rest = difference(counted, totalsOf(book.accepted));
  const explained = explain(rest, book.unknownLanes);
  const unknown = book.unknownLanes.reduce((sum, lane) => sum + lane.length, 0);
  const violations =
    explained === undefined ? [`the counters differ from what was accepted: ${describeRest(rest)}`] : [];
  return { unknown, unknownApplied: explained?.length ?? 0, violations };
}

/**
 * Checks a round against its promises. The counters must equal the earlier ones plus every accepted event once, plus some of
 * the unknown ones. The rows must show no event twice, no refused event and, when they are complete, every accepted event.
 */
export function checkRound(evidence: RoundEvidence): RoundVerdict {
  const { book, before, after, rows } = evidence;
  const counts = checkCounts(book, difference(after, before));
  const seen = new Set(rows.map(({ number }) => number));
  const unseen = [...book.accepted].filter((number) => !seen.has(number));
  const among = unseen.length > 0 ? `; accepted and not among the rows: ${shown(unseen)}` : '';
  const violations = [...checkRows(evidence), ...counts.violations.map((violation) => violation + among)];
  return { ...counts, violations };
}
