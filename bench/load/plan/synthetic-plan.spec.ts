import { type SyntheticSource, syntheticPlan } from './synthetic-plan.js';

const source = (change: Partial<SyntheticSource>): SyntheticSource => ({
  arrivals: { kind: 'poisson' },
  quantity: { kind: 'fixed' },
  seed: 1,
  ...change,
});

const timesOf = (change: Partial<SyntheticSource>): number[] =>
  [...syntheticPlan(source(change), 100, 2).trades].map(({ dueSeconds }) => dueSeconds);

describe('a made-up load', () => {
  it('is the same whenever it is made again', () => {
    const plan = syntheticPlan(source({}), 100, 2);

    expect([...plan.trades]).toEqual([...plan.trades]);
  });

  it('is another with another seed', () => {
    expect(timesOf({ seed: 1 })).not.toEqual(timesOf({ seed: 2 }));
  });

  it('keeps its arrivals when only the quantities change', () => {
    const pareto = { kind: 'pareto', mean: 1, shape: 1.5 } as const;

    expect(timesOf({ quantity: pareto })).toEqual(timesOf({ quantity: { kind: 'fixed' } }));
  });

  it.each([
    ['poisson', { kind: 'poisson' }],
    ['hawkes', { kind: 'hawkes', branchingRatio: 0.5, decaySeconds: 0.1 }],
  ] as const)('%s: is in order, ends with its duration, and has both sides', (_name, arrivals) => {
    const trades = [...syntheticPlan(source({ arrivals }), 500, 4).trades];
    const times = trades.map(({ dueSeconds }) => dueSeconds);
    const buys = trades.filter(({ side }) => side === 'buy').length;

    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(4);
    expect(buys / trades.length).toBeCloseTo(0.5, 1);
  });

  it('fixed: alternates the sides', () => {
    const { trades } = syntheticPlan(source({ arrivals: { kind: 'fixed' } }), 2, 2);

    expect([...trades].map(({ side }) => side)).toEqual(['buy', 'sell', 'buy', 'sell']);
  });
});
