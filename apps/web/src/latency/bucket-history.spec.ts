import {
  BucketHistory,
  fromCumulative,
  quantileOf,
  stepsWithin,
  sumSteps,
  totalOf,
} from './bucket-history.js';

const reading = (...counts: number[]): { le: number; count: number }[] =>
  counts.map((count, index) => ({ le: [0.001, 0.01, Infinity][index] ?? Infinity, count }));

const all = (history: BucketHistory, from = 0) =>
  sumSteps(history.bounds, stepsWithin(history.steps, from, Infinity));

describe('BucketHistory', () => {
  it('keeps what fell between readings, bucket by bucket', () => {
    const history = new BucketHistory(60);
    history.take(1, reading(5, 5, 5), 100);
    history.take(2, reading(6, 9, 10), 100);
    expect(all(history)).toEqual({ bounds: [0.001, 0.01, Infinity], counts: [1, 3, 1] });
  });

  it.each([
    ['smaller', reading(1, 2, 2), [1, 1, 0]],
    ['larger', reading(6, 12, 12), [6, 6, 0]],
  ])('takes the counts of another process as counted since its start: %s', (_case, after, counts) => {
    const history = new BucketHistory(60);
    history.take(1, reading(5, 5, 5), 100);
    history.take(2, after, 200);
    expect(all(history).counts).toEqual(counts);
  });

  it('forgets what is too long ago', () => {
    const history = new BucketHistory(10);
    for (let at = 0; at <= 100; at += 1) history.take(at, reading(at, at, at), 100);
    expect(totalOf(all(history))).toBe(11);
  });

  it('knows from which reading on it counts, also once it has forgotten the first', () => {
    const history = new BucketHistory(10);
    expect(history.beginsAt).toBeUndefined();
    history.take(1, reading(1, 1, 1), 100);
    history.take(2, reading(2, 2, 2), 100);
    expect(history.beginsAt).toBe(1);
    for (let at = 3; at <= 100; at += 1) history.take(at, reading(at, at, at), 100);
    expect(history.beginsAt).toBe(89);
    expect(totalOf(all(history, history.beginsAt))).toBe(100 - 89);
  });
});

describe('quantileOf', () => {
  it('spreads evenly inside a bucket, as Prometheus does', () => {
    const counts = fromCumulative(100, [
      { le: 0.001, count: 50 },
      { le: 0.002, count: 100 },
    ]);
    expect(quantileOf(counts, 0.5)).toBeCloseTo(0.001, 9);
    expect(quantileOf(counts, 0.75)).toBeCloseTo(0.0015, 9);
  });

  it('stays at the last bound for what lies beyond it, and says nothing of nothing', () => {
    expect(quantileOf(fromCumulative(10, [{ le: 1, count: 0 }]), 0.5)).toBe(1);
    expect(quantileOf(fromCumulative(0, [{ le: 1, count: 0 }]), 0.5)).toBeUndefined();
  });
});
