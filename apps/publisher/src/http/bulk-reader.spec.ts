import { BrokenLine, NdjsonText, readItems } from './bulk-reader.js';

const MEBI = 1024 * 1024;

const ndjson = (text: string): NdjsonText => new NdjsonText(Buffer.from(text));

/** What came of a body, and how many of its lines were parsed: that is what costs, above all when it fails. */
function read(text: string, maxItems: number): { parsed: number; outcome: unknown } {
  const parse = jest.spyOn(JSON, 'parse');
  try {
    const outcome = readItems(ndjson(text), maxItems);
    return { parsed: parse.mock.calls.length, outcome };
  } catch (outcome) {
    return { parsed: parse.mock.calls.length, outcome };
  } finally {
    parse.mockRestore();
  }
}

describe('readItems', () => {
  it('takes as many lines as it may, and not one more', () => {
    expect(readItems(ndjson('1\n\n2\r\n \n3'), 3)).toEqual([1, 2, 3]);
    expect(() => readItems(ndjson('1\n2\n3\n4'), 3)).toThrow(
      'more than 3 items; one post may have at most 3',
    );
  });

  it('reads a body that begins with a byte order mark', () => {
    expect(readItems(ndjson('\uFEFF{"side":"buy"}\n2'), 3)).toEqual([{ side: 'buy' }, 2]);
  });

  it('refuses what is not UTF-8 as a whole, as it would not be what was sent', () => {
    const body = new NdjsonText(Buffer.from('{"side":"buy"}\n{"side":"b\xFFy"}', 'latin1'));
    expect(() => readItems(body, 3)).toThrow('the body is not UTF-8');
  });

  it('refuses too many items of a list', () => {
    expect(() => readItems([1, 2, 3, 4], 3)).toThrow('the body has 4 items; one post may have at most 3');
  });

  it('refuses millions of broken lines without parsing them', () => {
    const { parsed, outcome } = read('x\n'.repeat(2 * MEBI), 10_000);
    expect(outcome).toMatchObject({ reason: 'batch_size' });
    expect(parsed).toBe(0);
  });

  it('parses no empty line of millions', () => {
    const { parsed, outcome } = read(`${'\n'.repeat(4 * MEBI)}x`, 10_000);
    expect(outcome).toEqual([new BrokenLine()]);
    expect(parsed).toBe(1);
  });
});
