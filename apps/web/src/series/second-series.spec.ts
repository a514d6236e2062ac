import type { Totals } from '../feed/feed-items.js';
import { SecondSeries } from './second-series.js';

const totals = (trades: number, volume: number): Totals => ({
  buy: { trades, volume },
  sell: { trades: 0, volume: 0 },
});

describe('SecondSeries', () => {
  it('counts the growth of the totals second by second, and shows quiet seconds', () => {
    const series = new SecondSeries(10);
    series.take(totals(100, 500), 1000.2, 'p1');
    series.take(totals(103, 506), 1000.9, 'p1');
    series.take(totals(104, 507), 1002.1, 'p1');
    expect(series.last(3, 1003.5).map(({ second, trades }) => [second, trades.buy])).toEqual([
      [1000, 3],
      [1001, 0],
      [1002, 1],
    ]);
    expect(series.sum('buy', 60, 1003)).toMatchObject({ trades: 4, volume: 7 });
  });

  it.each([
    ['smaller', totals(2, 3)],
    ['more trades and less volume', totals(150, 3)],
    ['larger', totals(200, 900)],
  ])('takes the totals of another process as counted since its start: %s', (_case, after) => {
    const series = new SecondSeries(10);
    series.take(totals(100, 500), 1000, 'p1');
    series.take(after, 1001, 'p2');
    expect(series.sum('buy', 60, 1002)).toMatchObject(after.buy);
  });

  it('never keeps more seconds than it may', () => {
    const series = new SecondSeries(5);
    for (let second = 0; second < 50; second += 1) series.take(totals(second, second), 1000 + second, 'p1');
    expect(series.sum('buy', 1000, 1050).trades).toBe(5);
  });
});
