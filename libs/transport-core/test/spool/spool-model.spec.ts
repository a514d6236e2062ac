import fc from 'fast-check';
import { LmdbSpool, MemorySpool, type Spool, type SpooledBatch } from '../../src/index.js';
import { batch, temporaryFolder } from './harness/spools.js';

type Step =
  | { readonly kind: 'append'; readonly count: number; readonly size: number }
  | { readonly kind: 'read' | 'release' | 'drop'; readonly share: number }
  | { readonly kind: 'settle' }
  | { readonly kind: 'reopen' };

const share = fc.double({ min: -0.1, max: 1.1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 9 }),
      size: fc.integer({ min: 0, max: 5000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('read' as const, 'release' as const, 'drop' as const),
      share,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);

/** What a spool is to do, said as simply as can be. */
class SpoolModel {
  batches: SpooledBatch[] = [];
  next = 1;

  append(count: number, label: string): void {
    this.batches.push({ first: this.next, ...batch(label, count, this.next) });
    this.next += count;
  }

  from(sequence: number): SpooledBatch | undefined {
    return this.batches.find(({ first }) => first >= sequence);
  }

  release(sequence: number): void {
    while (this.batches[0] !== undefined && this.batches[0].first + this.batches[0].count - 1 <= sequence) {
      this.batches.shift();
    }
  }

  drop(sequence: number): SpooledBatch | undefined {
    const found = this.from(sequence);
    this.batches = this.batches.filter((one) => one !== found);
    return found;
  }

  stats(): unknown {
    return {
      events: this.batches.reduce((sum, { count }) => sum + count, 0),
      bytes: this.batches.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestAcceptedAtSeconds: this.batches[0]?.acceptedAtSeconds ?? Number.NaN,
    };
  }
}

/** @returns what the spool and the model say to a step that is a question. */
function answers(
  spool: Spool,
  model: SpoolModel,
  { kind, share }: Extract<Step, { share: number }>,
): unknown[] {
  const oldest = model.batches[0]?.first ?? model.next;
  const sequence = Math.round(oldest + share * (model.next - oldest));
  if (kind === 'release') {
    model.release(sequence);
    return [spool.release(sequence), undefined];
  }
  return kind === 'read'
    ? [spool.readFrom(sequence), model.from(sequence)]
    : [spool.dropOldestFrom(sequence), model.drop(sequence)];
}

const KINDS: readonly [string, (directory: string) => Spool, canReopen: boolean][] = [
  ['MemorySpool', () => new MemorySpool(), false],
  ['LmdbSpool', (directory) => new LmdbSpool({ directory }), true],
  ['LmdbSpool with a small window', (directory) => new LmdbSpool({ directory, windowBytes: 6000 }), true],
];

describe.each(KINDS)('%s', (_name, make, canReopen) => {
  const folder = temporaryFolder();
  let runs = 0;
  afterAll(() => folder.remove());

  it('does what a plain array would, whatever is asked of it and in whatever order', async () => {
    const run = async (steps: Step[]): Promise<void> => {
      runs += 1;
      const model = new SpoolModel();
      let spool = make(`${folder.path}/${runs}`);
      await spool.open();
      let stored: Promise<void> | undefined;
      try {
        for (const one of steps) {
          let [given, expected]: unknown[] = [];
          if (one.kind === 'append') {
            const label = `${model.next}:`.padEnd(one.size, 'x');
            stored = spool.append(batch(label, one.count, model.next)).stored;
            model.append(one.count, label);
          } else if (one.kind === 'settle') {
            await stored;
          } else if (one.kind === 'reopen') {
            if (!canReopen) continue;
            await spool.close();
            spool = make(`${folder.path}/${runs}`);
            await spool.open();
          } else {
            [given, expected] = answers(spool, model, one);
          }
          expect(given).toEqual(expected);
          expect(spool.stats()).toEqual(model.stats());
          expect(spool.nextSequence).toBe(model.next);
        }
        for (const one of model.batches) {
          expect(spool.readFrom(one.first)).toEqual(one);
        }
      } finally {
        await spool.close();
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), run), { numRuns: 60 });
    expect(runs).toBeGreaterThanOrEqual(60);
  });
});
