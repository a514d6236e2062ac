import { parseSimulationOptions } from './simulation-options.js';

const parse = (given: Record<string, string>) => parseSimulationOptions(new Map(Object.entries(given)));

describe('the options of a simulation', () => {
  it('give each sidecar two partitions, and never fewer than eight in all', () => {
    expect(parse({})).toMatchObject({ rate: 1e6, sidecars: 20, partitions: 40 });
    expect(parse({ sidecars: '3' }).partitions).toBe(8);
    expect(parse({ sidecars: '200' }).partitions).toBe(256);
  });

  it('replace single costs, in microseconds', () => {
    const { costs } = parse({ 'handle-event': '2.5', turn: '7' });
    expect(costs.handleEventSeconds).toBeCloseTo(2.5e-6, 12);
    expect(costs.turnMessages).toBe(7);
    expect(costs.commitWaitSeconds).toBe(parse({}).costs.commitWaitSeconds);
  });

  it('lose a sidecar, unless it is away for no time', () => {
    expect(parse({ seconds: '10' }).outage).toEqual({
      atSeconds: 2,
      awaySeconds: 5,
      refill: { seconds: 300, maxLiveEvents: 500_000 },
    });
    expect(parse({ refill: '0', 'warm-up': '1.5' })).toMatchObject({
      outage: { refill: { seconds: 0 } },
      costs: { warmUpSeconds: 1.5 },
    });
    expect(parse({ away: '0' }).outage).toBeUndefined();
  });

  it.each([
    [{ sidecars: '9', partitions: '8' }, '--partitions must be at least --sidecars (9), not "8"'],
    [{ sidecars: '1.5' }, '--sidecars must be a whole number from 1 to 256, not "1.5"'],
    [{ seconds: '6', away: '5' }, '--lost-at and --away must end before --seconds (6)'],
    [{ arrivals: 'hawkes' }, '--arrivals must be even or poisson, not "hawkes"'],
    [{ 'handle-event': '-1' }, '--handle-event must be a number from 0 to below 1000000000, not "-1"'],
  ])('%j is refused', (given, message) => {
    expect(() => parse(given)).toThrow(message);
  });
});
