import type { TradeEvent, TradeSide } from '@app/contracts';
import fc from 'fast-check';
import { PartitionCounts } from './partition-counts.js';
import type { TradeTotals } from './trade-counts.js';

const PARTITIONS = [0, 1, 2];

/** The event at a position: what a partition's counts are is known by its position alone. */
const eventAt = (position: number): TradeEvent => ({
  type: 'trade',
  side: position % 3 === 0 ? 'sell' : 'buy',
  qty: (position % 7) / 10,
  ts: position,
});

/** What the events up to a position come to, added up in their order. */
function totalsUpTo(position: number): TradeTotals {
  const sides: Record<TradeSide, { trades: number; volume: number }> = {
    buy: { trades: 0, volume: 0 },
    sell: { trades: 0, volume: 0 },
  };
  for (let at = 1; at <= position; at += 1) {
    const { side, qty } = eventAt(at);
    sides[side].trades += 1;
    sides[side].volume += qty;
  }
  return sides;
}

const tradesOf = ({ buy, sell }: TradeTotals): number => buy.trades + sell.trades;

type Step = 'handle' | 'snapshot' | 'store' | 'answer' | 'take again' | 'restart elsewhere' | 'leave';
interface Action {
  readonly partition: number;
  readonly step: Step;
  readonly events: number;
}

/** A partition as the broker and its one owner see it. */
class Owned {
  /** How far this process has handled it. */
  handled = 0;
  /** What the broker has. */
  stored: { position: number; text: string | undefined } = { position: 0, text: undefined };
  /** Asked to be committed, and whether the broker has done it. */
  asked: { position: number; text: string; isStored: boolean } | undefined;
  /** How far the counts may be shown. */
  shown: number | undefined;
}

/** Does to the counts what a server does, in any order that it may happen in, and knows what must be shown. */
class Server {
  readonly counts = new PartitionCounts();
  readonly told: number[] = [];
  readonly expected: number[] = [];
  private readonly partitions = PARTITIONS.map(() => new Owned());

  constructor() {
    this.counts.onShown((trades) => this.told.push(...trades.map(({ ts }) => ts)));
    for (const partition of PARTITIONS) this.take(partition);
  }

  do({ partition, step, events }: Action): void {
    const it = this.of(partition);
    if (it.shown === undefined) {
      // Nobody's here; another process goes on meanwhile.
      if (step === 'restart elsewhere') this.goOnElsewhere(it, events);
      if (step === 'take again') this.take(partition);
      return;
    }
    switch (step) {
      case 'handle':
        this.handle(partition, it, events);
        break;
      case 'snapshot':
        it.asked ??= { position: it.handled, text: this.counts.snapshot(partition), isStored: false };
        break;
      case 'store':
        if (it.asked === undefined) break;
        it.asked.isStored = true;
        it.stored = it.asked;
        break;
      case 'answer':
        if (it.asked?.isStored !== true) break;
        this.counts.committed(partition);
        this.show(it, it.asked.position);
        it.asked = undefined;
        break;
      case 'take again':
        this.take(partition);
        break;
      case 'leave':
        this.counts.leave(partition);
        it.shown = undefined;
        break;
      case 'restart elsewhere':
    }
  }

  /** What must be shown now, and what is. */
  get views(): { readonly expected: object; readonly shown: object } {
    const { counts, told, expected } = this;
    const positions = this.partitions.map((it) => it.shown);
    const series = new Map(
      [...counts.series()].map(({ labels, totals }) => [Number(labels.partition), totals]),
    );
    return {
      expected: {
        series: positions.map((position) => (position === undefined ? undefined : totalsUpTo(position))),
        trades: positions.reduce<number>((sum, position) => sum + (position ?? 0), 0),
        lastTradeSeconds: Math.max(0, ...positions.map((position) => position ?? 0)),
        told: expected,
        applied: expected.length,
      },
      shown: {
        series: PARTITIONS.map((partition) => series.get(partition)),
        trades: tradesOf(counts.totals()),
        lastTradeSeconds: counts.lastTradeSeconds,
        told,
        applied: counts.applied,
      },
    };
  }

  private of(partition: number): Owned {
    const found = this.partitions[partition];
    if (found === undefined) throw new Error('no such partition');
    return found;
  }

  private handle(partition: number, it: Owned, events: number): void {
    const tally = this.counts.tallyOf(partition);
    const trades = Array.from({ length: events }, (_, index) => eventAt(it.handled + 1 + index));
    for (const { side, qty, ts } of trades) {
      tally.sides[side].add(qty);
      tally.lastTradeSeconds = ts;
    }
    this.counts.counted(tally, trades, 1);
    it.handled += events;
  }

  private take(partition: number): void {
    const it = this.of(partition);
    // Of the events that the answer was lost for, nobody was told yet.
    if (it.shown !== undefined) this.show(it, it.stored.position);
    this.counts.take(partition, it.stored.text);
    it.asked = undefined;
    it.handled = it.stored.position;
    it.shown = it.stored.position;
  }

  private show(it: Owned, position: number): void {
    for (let at = (it.shown ?? 0) + 1; at <= position; at += 1) this.expected.push(at);
    it.shown = position;
  }

  private goOnElsewhere(it: Owned, events: number): void {
    const position = it.stored.position + events;
    const text = JSON.stringify({ format: 1, sides: totalsUpTo(position), lastTradeSeconds: position });
    it.stored = { position, text };
  }
}

const action: fc.Arbitrary<Action> = fc.record({
  partition: fc.constantFrom(...PARTITIONS),
  step: fc.constantFrom<Step[]>(
    'handle',
    'handle',
    'snapshot',
    'snapshot',
    'store',
    'store',
    'answer',
    'answer',
    'take again',
    'restart elsewhere',
    'leave',
  ),
  events: fc.integer({ min: 1, max: 5 }),
});

describe('PartitionCounts', () => {
  it('shows what is committed, once and never less, whatever happens in between', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
        const server = new Server();
        for (const one of actions) {
          server.do(one);
          const { expected, shown } = server.views;
          expect(shown).toEqual(expected);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('shows both sides at 0 from the moment it takes a partition, in the order of partitions', () => {
    const counts = new PartitionCounts();
    for (const partition of [10, 2]) counts.take(partition, undefined);
    const zero = { trades: 0, volume: 0 };
    expect([...counts.series()]).toEqual([
      { labels: { partition: '2' }, totals: { buy: zero, sell: zero } },
      { labels: { partition: '10' }, totals: { buy: zero, sell: zero } },
    ]);
  });

  it('does not count what is no partition of its own', () => {
    const counts = new PartitionCounts();
    counts.take(1, undefined);
    expect(() => counts.tallyOf(0)).toThrow('this sidecar does not count partition 0');
    expect(() => counts.tallyOf(undefined)).toThrow('this sidecar does not count');
  });

  it('does not begin at 0 where another version has written the counts', () => {
    expect(() => new PartitionCounts().take(3, '{"format":3}')).toThrow(
      'the counts of partition 3 have the format 3; this sidecar reads 1 and 2',
    );
  });

  it('refills with what kept the contract, and with nothing else', () => {
    const counts = new PartitionCounts();
    const told: unknown[] = [];
    counts.onRefill(
      (...got) => told.push(got) < 2,
      (partition) => told.push(partition),
    );
    expect(counts.refill(1, [eventAt(1), { ...eventAt(2), qty: -1 }, 5, eventAt(3)], 100)).toBe(true);
    expect(counts.refill(1, [{ type: 'quote' }], 101)).toBe(true);
    counts.refilled(1);
    expect(told).toEqual([[1, [eventAt(1), eventAt(3)], 100], 1]);
    // Nobody wants more: there is no reason to read on.
    expect(counts.refill(1, [eventAt(4)], 102)).toBe(false);
  });
});
