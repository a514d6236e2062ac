import { searchRate } from './rate-search.js';

/** A system that holds up to a rate, and the rates it was tried at. */
function system(limit: number) {
  const tried: number[] = [];
  const holds = async (rate: number): Promise<boolean> => {
    tried.push(rate);
    return rate <= limit;
  };
  return { tried, holds };
}

describe('the search for the highest rate', () => {
  it.each([1_000, 1_001, 7_777, 23_456, 49_000, 49_999])('finds a limit of %d within 5 %', async (limit) => {
    const { holds } = system(limit);

    const { held = 0, failed = 0 } = await searchRate({ lowest: 1000, highest: 50_000 }, holds);

    expect(held).toBeLessThanOrEqual(limit);
    expect(failed).toBeGreaterThan(limit);
    expect(failed - held).toBeLessThanOrEqual(failed * 0.05);
  });

  it('steps up first, and then halves the gap', async () => {
    const { holds, tried } = system(5_000);

    await searchRate({ lowest: 1000, highest: 50_000 }, holds);

    expect(tried).toEqual([1000, 2000, 4000, 8000, 6000, 5000, 5500, 5250]);
  });

  it('stops at the highest rate when all hold', async () => {
    const { holds, tried } = system(Number.POSITIVE_INFINITY);

    expect(await searchRate({ lowest: 1000, highest: 5000 }, holds)).toEqual({
      held: 5000,
      failed: undefined,
    });
    expect(tried).toEqual([1000, 2000, 4000, 5000]);
  });

  it('says so when not even the lowest rate holds', async () => {
    const { holds, tried } = system(10);

    expect(await searchRate({ lowest: 1000, highest: 5000 }, holds)).toEqual({
      held: undefined,
      failed: 1000,
    });
    expect(tried).toEqual([1000]);
  });
});
