import { drainSeconds, meanWaitSeconds, sidecarCapacity } from './closed-forms.js';
import type { Costs } from './costs.js';
import { Simulation, type SimulationSettings } from './simulation.js';

const FREE: Costs = {
  warmUpSeconds: 0,
  refillShare: 1,
  publishEventSeconds: 0,
  publishMessageSeconds: 0,
  storeEventSeconds: 0,
  storeMessageSeconds: 0,
  handleEventSeconds: 0,
  handleMessageSeconds: 0,
  commitSeconds: 0,
  commitWaitSeconds: 0,
  turnMessages: 1,
};
const SETTINGS: SimulationSettings = {
  rate: 1000,
  seconds: 20,
  publishers: 1,
  partitions: 1,
  sidecars: 1,
  eventsPerMessage: 1,
  arrivals: 'even',
  seed: 1,
  costs: FREE,
};
const ALL: Costs = {
  warmUpSeconds: 0.1,
  refillShare: 0.5,
  publishEventSeconds: 0.000_2,
  publishMessageSeconds: 0.000_1,
  storeEventSeconds: 0.000_03,
  storeMessageSeconds: 0.000_1,
  handleEventSeconds: 0.000_9,
  handleMessageSeconds: 0.000_5,
  commitSeconds: 0.001,
  commitWaitSeconds: 0.004,
  turnMessages: 4,
};

function simulate(changes: Partial<SimulationSettings>) {
  return new Simulation({ ...SETTINGS, ...changes }).run();
}

/** How far from 1 the ratio of two figures is. */
const distance = (a: number, b: number): number => Math.abs(a / b - 1);

describe('the simulation', () => {
  it.each([0.1, 0.5, 0.95])('uses a sidecar to λ/μ, at %d', (load) => {
    const { utilisation } = simulate({
      costs: { ...FREE, handleEventSeconds: load / 1000 },
      arrivals: 'poisson',
    });
    expect(distance(utilisation.sidecar, load)).toBeLessThan(0.02);
  });

  it('shares the work by p mod COUNT, over publishers and sidecars', () => {
    const costs = { ...FREE, publishEventSeconds: 0.001, handleEventSeconds: 0.001 };
    const { utilisation } = simulate({ costs, publishers: 4, partitions: 8, sidecars: 3 });
    expect(distance(utilisation.publisher, 1 / 4)).toBeLessThan(0.01);
    expect(distance(utilisation.sidecar, 1 / 3)).toBeLessThan(0.01);
    // Two sidecars have three of the eight partitions.
    expect(distance(utilisation.busiestSidecar, 3 / 8)).toBeLessThan(0.01);
  });

  it.each([0.3, 0.6, 0.9])('lets messages wait as M/D/1 says, at a load of %d', (load) => {
    const service = load / 1000;
    const { lagSeconds } = simulate({
      costs: { ...FREE, handleMessageSeconds: service },
      arrivals: 'poisson',
      seconds: 200,
    });
    expect(distance(lagSeconds.mean - service, meanWaitSeconds(1000, service))).toBeLessThan(0.05);
  });

  it.each([
    [2, 0.5],
    [3, 0.8],
    [1, 0.9],
  ])('drains the backlog of an outage of %d s as the formula says, at a load of %d', (awaySeconds, load) => {
    const costs = { ...FREE, handleEventSeconds: load / 1000 };
    const { recovery } = simulate({ costs, seconds: 60, outage: { atSeconds: 5, awaySeconds } });
    const expected = drainSeconds(awaySeconds, 1000, 1000 / load);
    expect(distance(recovery?.waitingEvents ?? 0, awaySeconds * 1000)).toBeLessThan(0.01);
    expect(distance(recovery?.drainSeconds ?? Number.NaN, expected)).toBeLessThan(0.02);
    expect(recovery?.formulaSeconds).toBeCloseTo(expected, 6);
  });

  it.each([
    ['all that was committed', 300, 1e9, 1000],
    ['no further back than the windows', 2.5, 1e9, 500],
    ['until too many newer events wait', 300, 1500, 750],
  ])(
    'lets a new process warm up and read %s again before its backlog has drained',
    (_what, seconds, most, again) => {
      const load = 0.25;
      const costs = { ...FREE, handleEventSeconds: load / 1000, warmUpSeconds: 0.5, refillShare: 0.5 };
      const refill = { seconds, maxLiveEvents: most };
      const { recovery } = simulate({
        costs,
        partitions: 8,
        outage: { atSeconds: 1, awaySeconds: 2, refill },
      });
      const expected = drainSeconds(2, 1000, 1000 / load, 0.5, again / 2);
      expect(distance(recovery?.drainSeconds ?? Number.NaN, expected)).toBeLessThan(0.02);
      expect(distance(recovery?.formulaSeconds ?? Number.NaN, expected)).toBeLessThan(0.02);
    },
  );

  it('says that a backlog without spare capacity does not drain', () => {
    const costs = { ...FREE, handleEventSeconds: 0.001_1 };
    const { recovery, waiting } = simulate({ costs, outage: { atSeconds: 2, awaySeconds: 2 } });
    expect(recovery).toMatchObject({ drainSeconds: undefined, formulaSeconds: Number.POSITIVE_INFINITY });
    expect(waiting.sidecars).toBeGreaterThan(2000);
  });

  it.each([1, 2, 3, 4, 5])('keeps every event: offered = applied + waiting, with seed %d', (seed) => {
    const { offered, applied, waiting } = simulate({
      seed,
      arrivals: 'poisson',
      publishers: 2,
      partitions: 8,
      sidecars: 3,
      eventsPerMessage: 16,
      outage: { atSeconds: 8, awaySeconds: 3 },
      costs: ALL,
    });
    expect(applied).toBeGreaterThan(0);
    expect(waiting.sidecars).toBeGreaterThan(0);
    expect(applied + waiting.publishers + waiting.stream + waiting.sidecars).toBe(offered);
  });

  it('handles what waits together, so that a backlog costs fewer commits', () => {
    const costs = { ...FREE, handleMessageSeconds: 0.000_1, commitSeconds: 0.000_8 };
    const one = simulate({ costs: { ...costs, turnMessages: 1 }, rate: 2000 });
    const many = simulate({ costs: { ...costs, turnMessages: 64 }, rate: 2000 });
    expect(one.waiting.sidecars).toBeGreaterThan(10_000);
    expect(many.waiting.sidecars).toBeLessThan(100);
    expect(sidecarCapacity({ ...costs, turnMessages: 64 }, 1)).toBeGreaterThan(8000);
  });

  it('works for other partitions while a commit is on its way', () => {
    const costs = { ...FREE, handleMessageSeconds: 0.000_5, commitWaitSeconds: 0.002 };
    expect(simulate({ costs, partitions: 1 }).waiting.sidecars).toBeGreaterThan(5000);
    expect(simulate({ costs, partitions: 8 }).waiting.sidecars).toBeLessThan(20);
  });

  it('gives the same figures for the same seed', () => {
    const settings = { arrivals: 'poisson', costs: ALL, eventsPerMessage: 16, partitions: 4 } as const;
    expect(simulate(settings)).toEqual(simulate(settings));
    expect(simulate(settings)).not.toEqual(simulate({ ...settings, seed: 2 }));
  });
});
