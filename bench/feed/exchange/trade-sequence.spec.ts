import fc from 'fast-check';
import { TradeSequence } from './trade-sequence.js';

/** The same by a set of all ids that have come. */
class PlainSequence {
  private readonly come = new Set<number>();
  private first: number | undefined;
  private newest = -1;

  get missing(): number {
    let missing = 0;
    for (let id = this.first ?? 0; id <= this.newest; id += 1) if (!this.come.has(id)) missing += 1;
    return missing;
  }

  take(id: number): string {
    this.first ??= id;
    const verdict = id > this.newest ? 'next' : this.come.has(id) ? 'duplicate' : 'late';
    this.come.add(id);
    this.newest = Math.max(this.newest, id);
    return verdict;
  }

  mark(id: number): void {
    this.first ??= id + 1;
    this.newest = Math.max(this.newest, id);
  }
}

const STEP = fc.record({ how: fc.constantFrom('take', 'take', 'take', 'mark'), id: fc.nat(80) });

describe('the sequence of a symbol’s trades', () => {
  it('tells of every id what a list of all ids tells', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 120 }), (steps) => {
        const [sequence, plain] = [new TradeSequence(), new PlainSequence()];
        for (const { how, id } of steps) {
          const told = [sequence, plain].map((each) => [
            how === 'mark' ? each.mark(id) : each.take(id),
            each.missing,
          ]);
          expect(told[0]).toEqual(told[1]);
        }
      }),
    );
  });

  it('takes no trade twice when more holes come than it remembers', () => {
    const sequence = new TradeSequence();
    for (let id = 5000; id < 7000; id += 2) sequence.take(id);
    expect(sequence.missing).toBe(999);
    const verdicts = Array.from({ length: 2000 }, (_, index) => sequence.take(5000 + index));
    // Those that it has forgotten stay missing.
    expect(verdicts.filter((verdict) => verdict === 'late').length).toBe(999 - sequence.missing);
    expect(sequence.missing).toBeGreaterThan(0);
    for (let id = 5000; id < 7000; id += 1) expect(sequence.take(id)).toBe('duplicate');
  });

  it('takes no trade from long before the first', () => {
    const sequence = new TradeSequence();
    sequence.take(10_000);
    expect(sequence.take(9000)).toBe('late');
    expect(sequence.take(8999)).toBe('duplicate');
    expect(sequence.missing).toBe(0);
  });
});
