import { countedBetween } from './partition-totals.js';

describe('what partitions have counted', () => {
  it('is added up by side, from one moment to another', () => {
    const before = new Map([
      ['buy 0', { count: 2, sum: 20 }],
      ['sell 0', { count: 1, sum: 5 }],
    ]);
    const after = new Map([
      ['buy 0', { count: 3, sum: 30 }],
      ['buy 7', { count: 1, sum: 4 }],
      ['sell 0', { count: 1, sum: 5 }],
    ]);
    expect(countedBetween(before, after)).toEqual({ buy: { count: 2, sum: 14 }, sell: { count: 0, sum: 0 } });
  });

  it('shows a partition that has nobody as a loss', () => {
    const before = new Map([['buy 3', { count: 9, sum: 90 }]]);
    expect(countedBetween(before, new Map()).buy).toEqual({ count: -9, sum: -90 });
  });
});
