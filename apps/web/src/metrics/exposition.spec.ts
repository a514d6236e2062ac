import { Exposition } from './exposition.js';

const TEXT = `# HELP trades_total Trades.
# TYPE trades_total counter
trades_total{side="buy"} 3
trades_total{side="sell"} 4
trades_total_other 9
up 1
none{a="b",c="d"} NaN
h_bucket{le="+Inf",stage="x"} 7
h_bucket{le="0.5",stage="x"} 5
h_bucket{le="0.5",stage="y"} 1
`;

describe('Exposition', () => {
  const exposition = new Exposition(TEXT);

  it('finds samples by name and labels in any order', () => {
    expect(exposition.get('up')).toBe(1);
    expect(exposition.find('none', { c: 'd', a: 'b' })).toBeNaN();
    expect(exposition.find('trades_total', { side: 'hold' })).toBeUndefined();
  });

  it('does not take a label for another whose name ends alike', () => {
    const alike = new Exposition('m{otherside="buy"} 1\nm{x="y",side="buy"} 2\n');
    expect(alike.find('m', { side: 'buy' })).toBe(2);
  });

  it('adds up one metric over its labels, and no other whose name begins alike', () => {
    expect(exposition.sum('trades_total')).toBe(7);
    expect(exposition.sum('absent')).toBeUndefined();
  });

  it('gives the buckets of the asked labels in ascending order', () => {
    expect(exposition.buckets('h', { stage: 'x' })).toEqual([
      { le: 0.5, count: 5 },
      { le: Infinity, count: 7 },
    ]);
  });
});
