import { median, medianRatio, spreadOf } from './spread.js';

describe('spread', () => {
  it('takes the middle of an odd number, and the mean of the middle two of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('keeps the order of the runs beside their extremes', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, samples: [3, 1, 2] });
  });

  it('compares runs of the same round, so that a round in which all were slow does not count', () => {
    expect(medianRatio([20, 200, 30], [10, 100, 10])).toBe(2);
    expect(medianRatio([1], [])).toBeNaN();
  });
});
