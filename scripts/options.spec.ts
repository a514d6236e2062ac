import { join } from 'node:path';

/** What scripts/lib/options.mjs exports. */
interface OptionsModule {
  readOptions(
    name: string,
    usage: string,
    how: { takesWords?: boolean; args: string[] },
  ): { values: Record<string, string | true>; words: string[] };
}

const USAGE = `usage: npm run shoot -- [options] [TARGET …]
  --rate N    arrows a second
  --client NAME
  --quick     once`;

describe('the options of a command', () => {
  let read: (
    line: string,
    takesWords?: boolean,
  ) => { values: Record<string, string | true>; words: string[] };

  beforeAll(async () => {
    const { readOptions } = (await import(join(__dirname, 'lib', 'options.mjs'))) as OptionsModule;
    read = (line, takesWords = false) =>
      readOptions('shoot', USAGE, { takesWords, args: line === '' ? [] : line.split(' ') });
  });

  it('are those that its help names', () => {
    expect(read('--rate 5 --quick --client=load')).toEqual({
      values: { rate: '5', quick: true, client: 'load' },
      words: [],
    });
    expect(read('')).toEqual({ values: {}, words: [] });
  });

  it('may be followed by words, where the command takes some', () => {
    expect(read('apple --rate 5 pear', true).words).toEqual(['apple', 'pear']);
  });

  it.each([
    ['--rat 5', 'there is no option --rat'],
    ['-x', 'there is no option -x'],
    ['--rate 5 --rate 6', '--rate is given twice'],
    ['--rate', '--rate needs a value'],
    ['--rate --quick', '--rate needs a value'],
    ['--quick=yes', '--quick takes no value'],
    ['5000', '"5000" is not an option'],
    ['-- 5000', '"5000" is not an option'],
  ])('%s: is refused in one line, with 64', (line, message) => {
    const refusal = { message: `shoot: ${message} (--help shows all options)`, exitCode: 64 };
    expect(() => read(line)).toThrow(expect.objectContaining(refusal));
  });
});
