import type { Totals } from '../feed/feed.items.js';
import { SecondSeries } from './second.series.js';

const totals = (trades: number, volume: number): Totals => ({
  buy: { trades, volume },
  sell: { trades: 0, volume: 0 },
});

describe('SecondSeries', () => {
  it('counts the growth of the totals second by second, and shows quiet seconds', () => {
    const series = new SecondSeries(10);
    series.take(totals(100, 500), 1000.2);
    series.take(totals(103, 506), 1000.9);
    series.take(totals(104, 507), 1002.1);
    expect(series.last(3, 1003.5).map(({ second, trades }) => [second, trades.buy])).toEqual([
      [1000, 3],
      [1001, 0],
      [1002, 1],
    ]);
    expect(series.sum('buy', 60, 1003)).toMatchObject({ trades: 4, volume: 7 });
  });

  it('takes smaller totals as those of a new sidecar', () => {
    const series = new SecondSeries(10);
    series.take(totals(100, 500), 1000);
    series.take(totals(2, 3), 1001);
    expect(series.sum('buy', 60, 1002)).toMatchObject({ trades: 2, volume: 3 });
  });

  it('never keeps more seconds than it may', () => {
    const series = new SecondSeries(5);
    for (let second = 0; second < 50; second += 1) series.take(totals(second, second), 1000 + second);
    expect(series.sum('buy', 1000, 1050).trades).toBe(5);
  });
});
