import { BrokenLine, NdjsonText, readItems } from './bulk.reader.js';

const MEBI = 1024 * 1024;
/** Two million parse errors take ten times as long on any machine this runs on. */
const QUICK_MS = 1000;

function readMs(text: string, maxItems: number): { ms: number; outcome: unknown } {
  const startMs = performance.now();
  let outcome: unknown;
  try {
    outcome = readItems(new NdjsonText(text), maxItems);
  } catch (error) {
    outcome = error;
  }
  return { ms: performance.now() - startMs, outcome };
}

describe('readItems', () => {
  it('takes as many lines as it may, and not one more', () => {
    expect(readItems(new NdjsonText('1\n\n2\r\n \n3'), 3)).toEqual([1, 2, 3]);
    expect(() => readItems(new NdjsonText('1\n2\n3\n4'), 3)).toThrow('more than 3 items; at most 3');
  });

  it('refuses too many items of a list', () => {
    expect(() => readItems([1, 2, 3, 4], 3)).toThrow('the body has 4 items; at most 3');
  });

  it('refuses millions of broken lines without parsing them', () => {
    const { ms, outcome } = readMs('x\n'.repeat(2 * MEBI), 10_000);
    expect(outcome).toMatchObject({ reason: 'batch_size' });
    expect(ms).toBeLessThan(QUICK_MS);
  });

  it('is quick with millions of empty lines', () => {
    const { ms, outcome } = readMs(`${'\n'.repeat(4 * MEBI)}x`, 10_000);
    expect(outcome).toEqual([new BrokenLine()]);
    expect(ms).toBeLessThan(QUICK_MS);
  });
});
