import type { TradeEvent } from '@app/contracts';
import { RefillMerge, type RefillMergeOptions } from './refill-merge.js';

const tradesOf = (...quantities: number[]): TradeEvent[] =>
  quantities.map((qty) => ({ type: 'trade', side: 'buy', qty, ts: 1 }));

/** A partition that gives one message after the other, and then says that it was all. */
async function give(to: RefillMerge, partition: number, times: readonly number[]): Promise<void> {
  for (const atSeconds of times) await to.refill(partition, tradesOf(atSeconds), atSeconds);
  to.refilled(partition);
}

describe('RefillMerge', () => {
  let told: [string, number, number[]][];

  beforeEach(() => {
    told = [];
    jest.useFakeTimers();
  });
  afterEach(() => jest.useRealTimers());

  const tell =
    (kind: string) =>
    (trades: readonly TradeEvent[], atSeconds: number): void =>
      void told.push([kind, atSeconds, trades.map(({ qty }) => qty)]);

  const merge = (options: Partial<RefillMergeOptions> = {}): RefillMerge =>
    new RefillMerge({
      partitions: [0, 1],
      onRefill: tell('refill'),
      onLive: tell('live'),
      patienceMs: 1000,
      maxLiveTrades: 10,
      ...options,
    });

  it('passes live trades at once where nothing is read again', () => {
    merge({ partitions: [] }).add(tradesOf(1), 5);
    expect(told).toEqual([['live', 5, [1]]]);
  });

  it('brings several partitions into one order of time, and live trades after them', async () => {
    const merging = merge({ partitions: [0, 1, 2] });
    merging.add(tradesOf(7), 100);
    await Promise.all([give(merging, 0, [1, 4, 5]), give(merging, 1, [2, 3, 6]), give(merging, 2, [])]);
    merging.add(tradesOf(8), 101);
    expect(told).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((atSeconds) => ['refill', atSeconds, [atSeconds]]),
      ['live', 100, [7]],
      ['live', 101, [8]],
    ]);
  });

  it('leaves a partition out that gives nothing, and takes nothing of it later', async () => {
    const merging = merge();
    const giving = give(merging, 0, [1, 2]);
    merging.add(tradesOf(9), 50);
    jest.advanceTimersByTime(1000);
    await giving;
    expect(told).toEqual([
      ['refill', 1, [1]],
      ['refill', 2, [2]],
      ['live', 50, [9]],
    ]);
    await give(merging, 1, [1]);
    expect(told).toHaveLength(3);
  });

  it('ends early when too many live trades wait, and tells the partitions to give no more', async () => {
    const merging = merge({ maxLiveTrades: 1 });
    const giving = merging.refill(0, tradesOf(1), 1);
    merging.add(tradesOf(8), 50);
    merging.add(tradesOf(9), 51);
    expect(await giving).toBe(false);
    expect(merging.refill(1, tradesOf(1), 1)).toBe(false);
    expect(told).toEqual([
      ['live', 50, [8]],
      ['live', 51, [9]],
    ]);
  });
});
