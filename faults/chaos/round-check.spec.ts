import type { AppliedRow } from '../oracle/applied-rows.js';
import { type OracleEntry, readOracleLine } from './oracle-line.js';
import { roundBook } from './round-book.js';
import { checkRound, type RoundVerdict } from './round-check.js';
import { totalsOf } from './unknown-solver.js';

const row = (number: number | undefined): AppliedRow => ({ number, tsSeconds: 0, receivedAtSeconds: 0 });
const lines = (...texts: string[]): OracleEntry[] => texts.map(readOracleLine);

/** What an honest or a faulty sidecar would show that applied these. */
function verdictOf(
  posts: OracleEntry[],
  applied: number[],
  {
    direct = [],
    rows = applied,
    areRowsComplete = true,
  }: Partial<{
    direct: OracleEntry[];
    rows: (number | undefined)[];
    areRowsComplete: boolean;
  }> = {},
): RoundVerdict {
  return checkRound({
    book: roundBook(posts, direct),
    before: totalsOf([]),
    after: totalsOf(applied),
    rows: rows.map(row),
    areRowsComplete,
  });
}

describe('the reckoning of a round', () => {
  const posts = lines('send 1 1', 'accepted 1 1', 'send 2 5', 'accepted 2 5', 'send 6 6', 'refused 6 6');

  it('is content when each accepted event was applied once, and a refused one was not', () => {
    expect(verdictOf(posts, [1, 2, 3, 4, 5])).toEqual({ unknown: 0, unknownApplied: 0, violations: [] });
  });

  it('names an accepted event that was lost, also when only the counters are left', () => {
    expect(verdictOf(posts, [1, 2, 4, 5]).violations).toContain('accepted and lost: 3');
    const [violation] = verdictOf(posts, [1, 2, 4, 5], { rows: [], areRowsComplete: false }).violations;
    expect(violation).toContain('number 3 lost');
  });

  it('names an event that was counted twice, also when only the counters are left', () => {
    expect(verdictOf(posts, [1, 2, 3, 4, 4, 5]).violations).toContain('applied twice: 4');
    const [violation] = verdictOf(posts, [1, 2, 3, 4, 4, 5], { rows: [], areRowsComplete: false }).violations;
    expect(violation).toContain('number 4 twice');
  });

  it('does not let one lost event and one counted twice make up for each other', () => {
    const { violations } = verdictOf(posts, [1, 2, 3, 3, 4], { rows: [], areRowsComplete: false });
    expect(violations).toHaveLength(1);
  });

  it('names a refused event that was applied, and counts what nobody sent', () => {
    expect(verdictOf(posts, [1, 2, 3, 4, 5, 6]).violations).toContain('refused, but applied: 6');
    const rows = [1, 2, 3, 4, 5, undefined];
    expect(verdictOf(posts, [1, 2, 3, 4, 5], { rows }).violations).toEqual(['1 applied that nobody sent']);
  });

  it('lets an unknown request be applied up to some point, and says how far', () => {
    const unknown = [...posts, ...lines('send 10 20', 'unknown 10 20', 'send 21 21', 'unknown 21 21')];
    const direct = lines('send 300 309', 'accepted 300 309', 'send 310 319');
    const applied = [1, 2, 3, 4, 5, 10, 11, 12, 21, ...Array.from({ length: 14 }, (_, index) => 300 + index)];

    expect(verdictOf(unknown, applied, { direct })).toEqual({
      unknown: 22,
      unknownApplied: 8,
      violations: [],
    });
  });

  it('finds fault with an unknown request that was applied in part, but not from its beginning', () => {
    const unknown = [...posts, ...lines('send 10 20', 'unknown 10 20')];
    expect(verdictOf(unknown, [1, 2, 3, 4, 5, 11]).violations).toHaveLength(1);
  });
});
