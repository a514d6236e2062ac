import { parseLoadOptions } from './load-options.js';
import { LoadUsageError } from './option-values.js';

/** As scripts/lib/options.mjs reads them. */
const parse = (line: string) => {
  const options = ` ${line}`.split(' --').slice(1);
  return parseLoadOptions(
    new Map(options.map((option) => option.split(/[ =]/)).map(([name = '', value = '']) => [name, value])),
  );
};

describe('the options of the load', () => {
  it('are all optional', () => {
    expect(parse('')).toMatchObject({
      source: { kind: 'synthetic', arrivals: { kind: 'fixed' }, quantity: { kind: 'fixed' }, seed: 1 },
      rate: 1000,
      durationSeconds: 10,
      warmupSeconds: 0,
      via: 'http',
      publisherUrl: 'http://127.0.0.1:8000',
    });
  });

  it('describe a self-exciting load with heavy tails', () => {
    const line =
      '--arrivals hawkes --branching 0.9 --decay 20ms --qty pareto --qty-mean 2 --qty-shape=1.7 --seed 42';

    expect(parse(line)).toMatchObject({
      source: {
        arrivals: { kind: 'hawkes', branchingRatio: 0.9, decaySeconds: 0.02 },
        quantity: { kind: 'pareto', mean: 2, shape: 1.7 },
        seed: 42,
      },
    });
  });

  it('describe a search, whose steps are shorter than a run', () => {
    expect(parse('--rate 1000..50000 --p99-bound 20ms')).toMatchObject({
      rate: { lowest: 1000, highest: 50_000 },
      p99BoundSeconds: 0.02,
      durationSeconds: 5,
      warmupSeconds: 2,
    });
  });

  it('describe a replay, of the whole tape unless it is cut', () => {
    expect(parse('--replay tape.csv --speed 10')).toMatchObject({
      source: { kind: 'replay', file: 'tape.csv', speed: 10 },
      durationSeconds: undefined,
    });
    expect(parse('--replay tape.csv --duration 3')).toMatchObject({ durationSeconds: 3 });
  });

  it('name the secrets of apps that ask for them', () => {
    expect(parse('--token-file token')).toMatchObject({ tokenFile: 'token', keys: undefined });
    expect(parse('--via zmq --keys keys')).toMatchObject({ keys: { folder: 'keys', client: 'publisher' } });
    expect(parse('--via zmq --keys keys --client load')).toMatchObject({ keys: { client: 'load' } });
  });

  it.each([
    ['--rate fast', '--rate must be a number over 0, not "fast"'],
    ['--rate 0', '--rate must be a number over 0, not "0"'],
    ['--rate=', '--rate must be a number over 0, not ""'],
    ['--rate 1e999', '--rate must be a number over 0, not "1e999"'],
    ['--rate 500..100', '--rate must be a range such as 1000..50000, not "500..100"'],
    ['--rate 1..2..3', '--rate must be a range such as 1000..50000, not "1..2..3"'],
    ['--wait stored', '--wait must be accepted or applied, not "stored"'],
    ['--wait applied --via zmq', '--wait applied needs --via http: a push has no answer'],
    ['--duration -1', '--duration must be a number over 0, not "-1"'],
    ['--warmup -1', '--warmup must be a number from 0 to below 3600, not "-1"'],
    ['--rate 1..9 --p99-bound 50', '--p99-bound must be a time over 0 such as 50ms or 1.5s, not "50"'],
    ['--p99-bound 50ms', '--p99-bound needs a range to search, such as --rate 1000..50000'],
    ['--arrivals weekly', '--arrivals must be fixed, poisson or hawkes, not "weekly"'],
    ['--branching 0.5', '--branching needs --arrivals hawkes'],
    ['--arrivals hawkes --branching 1', '--branching must be a number from 0 to below 1, not "1"'],
    ['--arrivals hawkes --decay soon', '--decay must be a time over 0 such as 50ms or 1.5s, not "soon"'],
    ['--qty huge', '--qty must be fixed, lognormal or pareto, not "huge"'],
    ['--qty-mean 2', '--qty-mean needs --qty lognormal or --qty pareto'],
    ['--qty pareto --qty-shape 1', '--qty-shape must be over 1 for pareto, which has no mean below, not "1"'],
    ['--seed 1.5', '--seed must be a whole number from 0 to 4294967295, not "1.5"'],
    ['--speed 2', '--speed needs --replay'],
    ['--symbol A', '--symbol needs --replay'],
    [
      '--replay a.csv --symbol a,b',
      '--symbol must have 1 to 32 characters of A-Z, a-z, 0-9 and . _ : / -, not "a,b"',
    ],
    [
      '--replay a.csv --rate 5',
      '--rate has no meaning with --replay: a tape has its own times and quantities',
    ],
    ['--replay a.csv --speed 0', '--speed must be a number over 0, not "0"'],
    ['--via pigeon', '--via must be http or zmq, not "pigeon"'],
    ['--url 8000', '--url must be an address such as http://127.0.0.1:8000, not "8000"'],
    ['--token-file t --via zmq', '--token-file needs --via http: a push has no token'],
    ['--keys k', '--keys needs --via zmq: a post has no keys'],
    ['--client load --via zmq', '--client needs --keys'],
    ['--zmq 5555', '--zmq must be an address such as tcp://127.0.0.1:5555, not "5555"'],
    ['--chart curve.pdf', '--chart must be a file that ends in .svg or .png, not "curve.pdf"'],
  ])('%s: is refused in one line', (line, message) => {
    expect(() => parse(line)).toThrow(new LoadUsageError(message));
    expect(message).not.toContain('\n');
  });

  it.each(['--url', '--sidecar'])('take no user and password in %s, and do not show them', (option) => {
    const parsing = (): unknown => parse(`${option} http://desk:hunter2@127.0.0.1:8000`);
    expect(parsing).toThrow(LoadUsageError);
    expect(parsing).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });
});
