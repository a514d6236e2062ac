import { BrokenLine, NdjsonText, readItems } from './bulk.reader.js';

const MEBI = 1024 * 1024;
/** Two million parse errors take ten times as long on any machine this runs on. */
const QUICK_MS = 1000;

const ndjson = (text: string): NdjsonText => new NdjsonText(Buffer.from(text));

function readMs(text: string, maxItems: number): { ms: number; outcome: unknown } {
  const startMs = performance.now();
  let outcome: unknown;
  try {
    outcome = readItems(ndjson(text), maxItems);
  } catch (error) {
    outcome = error;
  }
  return { ms: performance.now() - startMs, outcome };
}

describe('readItems', () => {
  it('takes as many lines as it may, and not one more', () => {
    expect(readItems(ndjson('1\n\n2\r\n \n3'), 3)).toEqual([1, 2, 3]);
    expect(() => readItems(ndjson('1\n2\n3\n4'), 3)).toThrow('more than 3 items; at most 3');
  });

  it('reads a body that begins with a byte order mark', () => {
    expect(readItems(ndjson('\uFEFF{"side":"buy"}\n2'), 3)).toEqual([{ side: 'buy' }, 2]);
  });

  it('refuses what is not UTF-8 as a whole, as it would not be what was sent', () => {
    const body = new NdjsonText(Buffer.from('{"side":"buy"}\n{"side":"b\xFFy"}', 'latin1'));
    expect(() => readItems(body, 3)).toThrow('the body is not UTF-8');
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
