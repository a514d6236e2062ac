/** Flow, symbols, prices and quantities against plain definitions over random streams. */
import { METRICS, type RollingWindow, ROLLING_WINDOWS, SIDE_SCOPES, type TradeEvent } from '@app/contracts';
import fc from 'fast-check';
import { BucketHistogram } from '@app/service-kit';
import { Counter, Gauge, register } from 'prom-client';
import { SidecarConfig } from '../src/config/sidecar.config.js';
import { PriceMetrics } from '../src/analytics/metrics/price.metric.js';
import { SymbolMetrics } from '../src/analytics/metrics/symbol.metric.js';
import { LogBuckets, QtyQuantileMetric } from '../src/analytics/metrics/qty-quantile.metric.js';
import { FlowMetrics, VolumeBuckets } from '../src/analytics/metrics/flow.metric.js';
import { WindowMetrics } from '../src/analytics/metrics/window.metric.js';
import { ArrivalTimes } from '../src/counting/arrival-times.js';
import { TradeRecorder } from '../src/counting/trade-recorder.js';
import { SetClock } from './set-clock.js';
import { STREAM_START_SECONDS } from './trade-stream-arbitrary.js';

const SYMBOLS = ['ETH', 'BTC', '__proto__', 'constructor', 'other'] as const;

interface Step {
  readonly gapSeconds: number;
  readonly trade: TradeEvent;
}

/** Trades in the order of their receipt; most share a time with the one before. */
const steps = fc.array(
  fc.record({
    gapSeconds: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.double({ min: 0, max: 30, noNaN: true }) },
      { weight: 1, arbitrary: fc.double({ min: 200, max: 900, noNaN: true }) },
    ),
    trade: fc.record(
      {
        type: fc.constant('trade' as const),
        side: fc.constantFrom('buy' as const, 'sell' as const),
        qty: fc.double({ min: 0, max: 1000, noNaN: true }),
        ts: fc.constant(1),
        symbol: fc.constantFrom(...SYMBOLS, null),
        price: fc.oneof(fc.double({ min: 0.01, max: 1e6, noNaN: true }), fc.constant(null)),
      },
      { requiredKeys: ['type', 'side', 'qty', 'ts'] },
    ),
  }),
  { maxLength: 200 },
);

interface Applied {
  readonly trade: TradeEvent;
  readonly atSeconds: number;
}

let clock: SetClock;

function fresh(): void {
  register.clear();
  clock = new SetClock();
}
beforeEach(fresh);

function config(settings: Partial<SidecarConfig>): SidecarConfig {
  return Object.assign(new SidecarConfig(), settings);
}

function newRecorder(): TradeRecorder {
  const arrivals = new ArrivalTimes(
    new BucketHistogram(METRICS.receiveLatency),
    new BucketHistogram(METRICS.interarrival),
    new Counter(METRICS.clockSkew),
  );
  return new TradeRecorder(
    new Counter(METRICS.tradesTotal),
    new Counter(METRICS.volumeTotal),
    new Gauge(METRICS.lastTradeTimestamp),
    arrivals,
  );
}

/** Applies each trade as a batch of one at its time. */
function run(metric: { apply: SymbolMetrics['apply'] }, stream: readonly Step[]): Applied[] {
  let seconds = STREAM_START_SECONDS;
  return stream.map(({ gapSeconds, trade }) => {
    seconds += gapSeconds;
    clock.moveTo(seconds);
    const steadySeconds = clock.advance(seconds);
    metric.apply([trade], { receivedAtSeconds: seconds, steadySeconds });
    return { trade, atSeconds: steadySeconds };
  });
}

/** The samples of a metric as they are scraped, by the values of their labels. */
async function samples(name: string): Promise<Map<string, number>> {
  const metric = (await register.getMetricsAsJSON()).find((candidate) => candidate.name === name);
  return new Map((metric?.values ?? []).map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** How far off a value is, relative to its size; 0 when both are NaN, or both are not there. */
function difference(actual: number | undefined, expected: number | undefined): number {
  if (Object.is(actual, expected)) return 0;
  if (actual === undefined || expected === undefined) return Infinity;
  return Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
}

/** What doubles may lose on the way. */
const ROUNDING = 1e-9;

const secondOf = (seconds: number): number => Math.floor(seconds - STREAM_START_SECONDS);
const minuteOf = (seconds: number): number => Math.floor((seconds - STREAM_START_SECONDS) / 60);

function tradeOf(symbol: string, changes: Partial<TradeEvent> = {}, gapSeconds = 0): Step {
  return { gapSeconds, trade: { type: 'trade', side: 'buy', qty: 2, ts: 1, symbol, ...changes } };
}

describe('metrics by symbol', () => {
  it('are the sums of each symbol’s trades, and of no others', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (stream) => {
        fresh();
        const totals = new SymbolMetrics(config({}));
        const last = new PriceMetrics(clock, config({}));
        const applied = run(
          {
            apply: (trades, receipt) => {
              totals.apply(trades, receipt);
              last.apply(trades, receipt);
            },
          },
          stream,
        );
        const [trades, volume, notional, prices] = [
          await samples('trading_symbol_trades_total'),
          await samples('trading_symbol_volume_total'),
          await samples('trading_symbol_notional_total'),
          await samples('trading_last_price'),
        ];
        for (const symbol of SYMBOLS) {
          const ofSymbol = applied.filter(({ trade }) => trade.symbol === symbol).map(({ trade }) => trade);
          for (const side of ['buy', 'sell'] as const) {
            const ofSide = ofSymbol.filter((trade) => trade.side === side);
            const key = `${symbol} ${side}`;
            expect(trades.get(key)).toBe(ofSymbol.length === 0 ? undefined : ofSide.length);
            if (ofSymbol.length === 0) continue;
            expect(difference(volume.get(key), sum(ofSide.map(({ qty }) => qty)))).toBeLessThan(ROUNDING);
            const expected = sum(ofSide.map(({ qty, price }) => qty * (price ?? 0)));
            expect(difference(notional.get(key), expected)).toBeLessThan(ROUNDING);
          }
          const priced = ofSymbol.filter(({ price }) => typeof price === 'number');
          expect(prices.get(symbol)).toBe(priced.at(-1)?.price ?? undefined);
        }
        expect([...trades]).toHaveLength(
          2 * new Set(applied.flatMap(({ trade }) => trade.symbol ?? [])).size,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('give the volume-weighted price of the trades in the window, and of no others', () => {
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 400, noNaN: true }), (stream, laterSeconds) => {
        fresh();
        const metric = new PriceMetrics(clock, config({}));
        const applied = run(metric, stream);
        clock.moveTo((applied.at(-1)?.atSeconds ?? STREAM_START_SECONDS) + laterSeconds);
        for (const { label, seconds } of ROLLING_WINDOWS) {
          const inside = applied.filter(
            ({ trade, atSeconds }) =>
              trade.symbol === 'ETH' &&
              typeof trade.price === 'number' &&
              secondOf(atSeconds) > secondOf(clock.now()) - seconds,
          );
          const volume = sum(inside.map(({ trade }) => trade.qty));
          const notional = sum(inside.map(({ trade }) => trade.qty * (trade.price ?? 0)));
          const known = applied.some(
            ({ trade }) => trade.symbol === 'ETH' && typeof trade.price === 'number',
          );
          const vwap = metric.vwap('ETH', label as RollingWindow);
          const expected = volume === 0 ? Number.NaN : notional / volume;
          expect(difference(vwap, known ? expected : undefined)).toBeLessThan(ROUNDING);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('count symbols beyond the limit as other, say how many trades that were, and lose none', async () => {
    const metric = new SymbolMetrics(config({ SYMBOLS_MAX: 2 }));
    run(
      metric,
      ['A', 'B', 'C', 'D', 'C', 'A', 'other'].map((symbol) => tradeOf(symbol, { price: 3 })),
    );
    expect(Object.fromEntries(await samples('trading_symbol_volume_total'))).toEqual({
      'A buy': 4,
      'A sell': 0,
      'B buy': 2,
      'B sell': 0,
      'other buy': 8,
      'other sell': 0,
    });
    expect((await samples('trading_symbols_overflow_total')).get('')).toBe(3);
  });

  it('give the place of a symbol that was silent for a day to a new one', async () => {
    const metric = new SymbolMetrics(config({ SYMBOLS_MAX: 2 }));
    const steps = [
      ['A', 0],
      ['B', 7200],
      ['C', 79_000],
      ['D', 300],
      ['B', 1],
    ] as const;
    run(
      metric,
      steps.map(([symbol, gapSeconds]) => tradeOf(symbol, { side: 'sell' }, gapSeconds)),
    );
    expect(Object.fromEntries(await samples('trading_symbol_trades_total'))).toEqual({
      'B buy': 0,
      'B sell': 2,
      'other buy': 0,
      'other sell': 1,
      'D buy': 0,
      'D sell': 1,
    });
  });

  it('hold no more series than the limit, whatever comes', async () => {
    const metric = new SymbolMetrics(config({ SYMBOLS_MAX: 50 }));
    const flood = Array.from({ length: 20_000 }, (_, index) => ({
      type: 'trade' as const,
      side: 'buy' as const,
      qty: 1,
      ts: 1,
      symbol: `S${index}`,
    }));
    metric.apply(flood, { receivedAtSeconds: clock.now(), steadySeconds: clock.now() });
    expect([...(await samples('trading_symbol_trades_total'))]).toHaveLength(2 * 51);
    expect((await samples('trading_symbols_overflow_total')).get('')).toBe(19_950);
  });
});

/** Bought minus sold. */
const signed = (some: readonly Applied[]): number =>
  sum(some.map(({ trade }) => (trade.side === 'buy' ? trade.qty : -trade.qty)));

/** The bucket of a window. */
const quarterOf = (seconds: number): number => Math.floor((seconds - STREAM_START_SECONDS) * 4);

describe('the flow', () => {
  it('has as its delta what was bought minus what was sold, and as imbalance that of the window’s trades', () => {
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 400, noNaN: true }), (stream, laterSeconds) => {
        fresh();
        const recorder = newRecorder();
        const windows = new WindowMetrics(clock);
        const flow = new FlowMetrics(recorder, windows, config({}));
        const apply: WindowMetrics['apply'] = (trades, receipt) => {
          for (const trade of trades) recorder.record(trade, receipt.receivedAtSeconds);
          recorder.endBatch();
          windows.apply(trades, receipt);
          flow.apply(trades);
        };
        const applied = run({ apply }, stream);
        expect(difference(flow.delta(), signed(applied))).toBeLessThan(ROUNDING);

        clock.moveTo((applied.at(-1)?.atSeconds ?? STREAM_START_SECONDS) + laterSeconds);
        for (const { label, seconds } of ROLLING_WINDOWS) {
          const inside = applied.filter(
            ({ atSeconds }) => quarterOf(atSeconds) > quarterOf(clock.now()) - 4 * seconds,
          );
          const expected = signed(inside) / sum(inside.map(({ trade }) => trade.qty));
          expect(difference(flow.imbalance(label), expected)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** VPIN from its definition: each trade is cut into units of volume, and each bucket is looked at alone. */
function vpinByUnits(trades: readonly (readonly [boolean, number])[], bucketVolume: number): number {
  const units = trades.flatMap(([isBuy, qty]) => Array.from({ length: qty }, () => (isBuy ? 1 : -1)));
  const buckets = Math.floor(units.length / bucketVolume);
  if (buckets < 50) return Number.NaN;
  const imbalances = Array.from({ length: 50 }, (_, index) => {
    const start = (buckets - 50 + index) * bucketVolume;
    return Math.abs(sum(units.slice(start, start + bucketVolume))) / bucketVolume;
  });
  return sum(imbalances) / 50;
}

describe('VPIN', () => {
  it('is that of its definition, with trades split over buckets', () => {
    const trade = fc.tuple(fc.boolean(), fc.oneof(fc.nat(12), fc.nat(400)));
    fc.assert(
      fc.property(
        fc.array(trade, { maxLength: 400, size: 'max' }),
        fc.integer({ min: 1, max: 40 }),
        (trades, volume) => {
          const buckets = new VolumeBuckets(volume);
          for (const [isBuy, qty] of trades) buckets.add(isBuy, qty);
          expect(difference(buckets.read(), vpinByUnits(trades, volume))).toBeLessThan(ROUNDING);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes a hundred times the mean quantity of the first thousand trades as its bucket, and counts them', () => {
    const buckets = new VolumeBuckets();
    const trades = Array.from({ length: 9000 }, (_, index) => [index % 3 === 0, (index % 5) + 1] as const);
    for (const [isBuy, qty] of trades) buckets.add(isBuy, qty);
    expect(buckets.bucketVolume).toBe(300);
    expect(difference(buckets.read(), vpinByUnits(trades, 300))).toBeLessThan(ROUNDING);
  });

  it('does not run through the buckets of a trade that fills more than are read', () => {
    const buckets = new VolumeBuckets(1e-9);
    buckets.add(true, 1e15);
    expect(difference(buckets.read(), 1)).toBeLessThan(ROUNDING);
  });

  it('is not known before fifty buckets are full', () => {
    const buckets = new VolumeBuckets(10);
    buckets.add(true, 499);
    expect(buckets.read()).toBeNaN();
    buckets.add(false, 1);
    expect(difference(buckets.read(), (49 + 0.8) / 50)).toBeLessThan(ROUNDING);
  });
});

describe('quantiles of quantities', () => {
  it('are right to 1 %, for any quantity from 1e-12 on', () => {
    const qty = fc.oneof(
      fc.constant(0),
      fc.double({ min: 1e-12, max: 1e15, noNaN: true }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(qty, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (quantities, q) => {
          const buckets = new LogBuckets();
          for (const quantity of quantities) buckets.put(quantity);
          const exact = quantities.toSorted((a, b) => a - b)[Math.floor(q * (quantities.length - 1))] ?? 0;
          expect(Math.abs(buckets.quantile(q) - exact)).toBeLessThanOrEqual(0.010_000_001 * exact);
        },
      ),
    );
  });

  it('are those of the last one to two minutes, by side and together', () => {
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 200, noNaN: true }), (stream, laterSeconds) => {
        fresh();
        const metric = new QtyQuantileMetric(clock);
        const applied = run(metric, stream);
        clock.moveTo((applied.at(-1)?.atSeconds ?? STREAM_START_SECONDS) + laterSeconds);
        for (const side of SIDE_SCOPES) {
          const recent = applied.filter(
            ({ trade, atSeconds }) =>
              (side === 'all' || trade.side === side) && minuteOf(atSeconds) >= minuteOf(clock.now()) - 1,
          );
          expect(metric.read(side).count).toBe(recent.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});
