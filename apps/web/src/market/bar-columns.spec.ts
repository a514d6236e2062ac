import { barVolume, toColumns } from './bar-columns.js';
import type { Bar } from './market-client.js';

const bar = (start: number, volume: number, imbalance: number | null, close: number | null = null): Bar => ({
  start,
  end: start + 0.5,
  open: close,
  high: close,
  low: close,
  close,
  volume,
  trades: 1,
  imbalance,
});

describe('the columns of bars', () => {
  it('split each volume by side, and add the difference up', () => {
    const columns = toColumns([bar(100, 10, 0.5), bar(105, 4, -1), bar(115, 0, null)], {
      by: 'time',
      size: 5,
      from: 100,
      to: 120,
    });
    expect(columns.bought).toEqual([7.5, 0, 0]);
    expect(columns.sold).toEqual([2.5, 4, 0]);
    expect(columns.delta).toEqual([5, 1, 1]);
    expect(columns.imbalance).toEqual([0.5, -1, null]);
    expect(columns.hasPrices).toBe(false);
  });

  it('have no difference where as much was bought as sold', () => {
    const pairs = [0.1, 0.2, 0.3, 0.7, 1.1, 12.6].flatMap((bought) =>
      [0.3, 0.9, 7.7].map((sold) => [bought, sold] as const),
    );
    for (const [bought, sold] of pairs) {
      const imbalance = (2 * bought - (bought + sold)) / (bought + sold);
      const bars = [bar(100, bought + sold, imbalance), bar(101, bought + sold, -imbalance)];
      expect(toColumns(bars, { by: 'time', size: 1, from: 100, to: 120 }).delta[1]).toBe(0);
    }
  });

  it('put a bar of time in the middle of its time, and leave out one that began before', () => {
    const columns = toColumns([bar(95, 1, 0), bar(100, 1, 0, 7)], {
      by: 'time',
      size: 5,
      from: 100,
      to: 120,
    });
    expect(columns).toMatchObject({ x: [102.5], step: 5, from: 100, to: 120, hasPrices: true });
  });

  it('number bars of volume, and leave out those that ended before', () => {
    const columns = toColumns([bar(90, 1, 0), bar(101, 1, 0), bar(101, 1, 0)], {
      by: 'volume',
      size: 1,
      from: 100,
      to: 120,
    });
    expect(columns).toMatchObject({ x: [0.5, 1.5], step: 1, from: 0, to: 30 });
  });
});

describe('the volume of a bar', () => {
  it.each([
    [600, 10],
    [601, 20],
    [3, 0.05],
    [6e9, 1e8],
    [5e-6, 1e-7],
    [6e18, 1e15],
    [6e-320, 1e-98],
  ])('is a round one that makes about sixty bars of %d: %d', (total, size) => {
    expect(barVolume(total, undefined)).toBe(size);
  });

  it('stays while it makes a readable number of bars', () => {
    expect(barVolume(1400, 10)).toBe(10);
    expect(barVolume(1600, 10)).toBe(50);
    expect(barVolume(150, 10)).toBe(5);
  });

  it('is none without volume', () => {
    expect(barVolume(0, 10)).toBeUndefined();
  });
});
