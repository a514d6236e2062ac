import { toCsv } from './csv-writer.js';

describe('toCsv', () => {
  it('quotes what has to be quoted and leaves numbers alone', () => {
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['x,"y"', -1.5],
          [undefined, 1e21],
        ],
      ),
    ).toBe('a,b\r\n"x,""y""",-1.5\r\n,1e+21\r\n');
  });

  it('keeps a spreadsheet from running what a stranger sent', () => {
    expect(toCsv(['a'], [['=HYPERLINK("http://evil.example")']])).toContain(`"'=HYPERLINK`);
    expect(toCsv(['a'], [['-cmd']])).toContain("'-cmd");
  });
});
