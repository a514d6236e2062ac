import { poissonArrivals } from './arrivals.js';
import { type MadeTrade, Market } from './market.js';
import { RandomSource } from './random-source.js';
import { mean, take } from './sample-statistics.fixture.js';

const RATE = 20;
const marketOf = (seed: number): Generator<MadeTrade> =>
  new Market(new RandomSource(seed)).trades(poissonArrivals(RATE, new RandomSource(seed, 1)));
const trades = take(marketOf(3), 100_000);
const signOf = ({ side }: MadeTrade): number => (side === 'buy' ? 1 : -1);

describe('a made-up market', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(take(marketOf(1), 50)).toEqual(take(marketOf(1), 50));
    expect(take(marketOf(1), 50)).not.toEqual(take(marketOf(2), 50));
  });

  it('trades each symbol as often as its share says', () => {
    const counts = new Map<string, number>();
    for (const { symbol } of trades) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    const shares = [...counts].map(([symbol, count]) => [symbol, Math.round((count / trades.length) * 15)]);
    expect(new Map(shares as [string, number][])).toEqual(
      new Map([
        ['DEMO-BTC', 5],
        ['DEMO-ETH', 4],
        ['DEMO-SOL', 3],
        ['DEMO-XRP', 2],
        ['DEMO-ADA', 1],
      ]),
    );
  });

  it('has prices that walk in small steps, and stay where they belong for hours', () => {
    const prices = trades.filter(({ symbol }) => symbol === 'DEMO-ETH').map(({ price }) => price);
    const steps = prices.slice(1).map((price, index) => Math.abs(price / (prices[index] ?? price) - 1));
    expect(Math.max(...steps)).toBeLessThan(0.01);
    expect(new Set(prices).size).toBeGreaterThan(1000);
    expect(Math.min(...prices)).toBeGreaterThan(1900 * 0.85);
    expect(Math.max(...prices)).toBeLessThan(1900 * 1.15);
  });

  it('has quantities that cost about the same on average, whatever the price', () => {
    for (const name of ['DEMO-BTC', 'DEMO-XRP']) {
      const costs = trades.filter(({ symbol }) => symbol === name).map(({ price, qty }) => price * qty);
      expect(mean(costs) / 2500).toBeCloseTo(1, 0.5);
      expect(Math.min(...costs)).toBeGreaterThan(0);
    }
  });

  it('leans one way for a while and then the other, and nowhere in the long run', () => {
    const signs = trades.filter(({ symbol }) => symbol === 'DEMO-BTC').map(signOf);
    const runs = Array.from({ length: Math.floor(signs.length / 50) }, (_, run) =>
      Math.abs(mean(signs.slice(run * 50, run * 50 + 50))),
    );
    expect(Math.abs(mean(signs))).toBeLessThan(0.1);
    // Fifty throws of a coin would give 0.11 on average.
    expect(mean(runs)).toBeGreaterThan(0.25);
  });
});
