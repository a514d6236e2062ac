import { BenchUsageError, parseBenchOptions } from './bench-options.js';

/** As scripts/lib/options.mjs reads them: an option that is followed by no value has none. */
const parse = (args: readonly string[]) =>
  parseBenchOptions(
    Object.fromEntries(
      [...args.join(' ').matchAll(/--([a-z]+)(?: (?!--)(\S+))?/g)].map(([, name = '', value]) => [
        name,
        value ?? true,
      ]),
    ),
  );

describe('parseBenchOptions', () => {
  it('compares everything in five rounds, and keeps the results, when nothing is said', () => {
    const options = parse([]);
    expect(options).toMatchObject({
      rounds: 5,
      figures: ['intake', 'posts', 'emit', 'applied', 'one-way', 'latency', 'requests', 'memory'],
      keep: true,
      merge: false,
      write: false,
    });
    expect(options.only).toBeUndefined();
  });

  it('keeps no results of a run that leaves something out', () => {
    expect(parse(['--quick']).keep).toBe(false);
    expect(parse(['--only', 'zmq,tcp']).keep).toBe(false);
    expect(parse(['--figures', 'latency']).keep).toBe(false);
  });

  it('measures memory alone, and does not keep it unless it is merged', () => {
    expect(parse(['--memory'])).toMatchObject({ figures: ['memory'], keep: false });
  });

  it('measures only the figures that have one of the peers named', () => {
    expect(parse(['--only', 'tcp']).figures).toEqual(['one-way', 'latency', 'requests']);
    const product = parse(['--only', 'product']);
    expect(product.figures).toEqual(['intake', 'posts', 'emit']);
    expect(product.only).toContain('publisher-original');
  });

  it('writes documents only when it is told to', () => {
    expect(parse(['--write'])).toMatchObject({ keep: true, write: true });
    expect(parse(['--merge', '--memory', '--write'])).toMatchObject({ keep: true, write: true });
  });

  it('merges whole figures into what is kept', () => {
    const kept = { keep: true, merge: true };
    expect(parse(['--merge', '--only', 'product'])).toMatchObject(kept);
    expect(parse(['--merge', '--figures', 'latency'])).toMatchObject(kept);
    expect(parse(['--merge', '--memory'])).toMatchObject({ ...kept, figures: ['memory'] });
  });

  it.each([
    [['--write', '--quick'], '--write needs a whole run, or --merge'],
    [['--merge', '--quick'], '--merge cannot keep the results of a --quick run: they mean nothing'],
    [
      ['--merge', '--only', 'product,tcp'],
      '--merge takes whole figures, and --only leaves out peers of "one-way"',
    ],
    [['--rounds', '0'], '--rounds must be a whole number over 0, not "0"'],
    [['--rounds', '1.5'], '--rounds must be a whole number over 0, not "1.5"'],
    [['--only', 'zmq,grpc'], '--only: "grpc" is not one of'],
    [['--figures', 'speed'], '--figures: "speed" is not one of'],
  ])('refuses %j and names what is wrong', (args, message) => {
    expect(() => parse(args)).toThrow(BenchUsageError);
    expect(() => parse(args)).toThrow(message);
  });
});
