import { BenchUsageError, parseBenchOptions } from './bench.options.js';

describe('parseBenchOptions', () => {
  it('compares everything in five rounds, and keeps the results, when nothing is said', () => {
    const options = parseBenchOptions([]);
    expect(options).toMatchObject({
      rounds: 5,
      figures: ['one-way', 'latency', 'requests'],
      keepAs: 'latest',
    });
    expect(options.only).toBeUndefined();
  });

  it('keeps no results of a run that leaves something out', () => {
    expect(parseBenchOptions(['--quick']).keepAs).toBeUndefined();
    expect(parseBenchOptions(['--only', 'zmq,tcp']).keepAs).toBeUndefined();
    expect(parseBenchOptions(['--figures', 'latency']).keepAs).toBeUndefined();
  });

  it('keeps the memory figure under a name of its own', () => {
    expect(parseBenchOptions(['--memory'])).toMatchObject({ figures: ['memory'], keepAs: 'memory' });
  });

  it.each([
    [['--rounds', '0'], '--rounds must be a whole number over 0, not "0"'],
    [['--rounds', '1.5'], '--rounds must be a whole number over 0, not "1.5"'],
    [['--only', 'zmq,grpc'], '--only: "grpc" is none of'],
    [['--figures', 'speed'], '--figures: "speed" is none of'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j and names what is wrong', (args, message) => {
    expect(() => parseBenchOptions(args)).toThrow(BenchUsageError);
    expect(() => parseBenchOptions(args)).toThrow(message);
  });
});
