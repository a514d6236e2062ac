import { ROLLING_WINDOWS, SIDE_SCOPES, type SideScope, type TradeEvent } from '@app/contracts';
import fc from 'fast-check';
import { register } from 'prom-client';
import { BurstinessMetric, IdleGaps } from '../src/analytics/metrics/burstiness.metric.js';
import {
  LATENCY_QUANTILES,
  LatencyQuantileMetric,
} from '../src/analytics/metrics/latency-quantile.metric.js';
import { VolumeEwmaMetric } from '../src/analytics/metrics/volume-ewma.metric.js';
import type { Receipt, TradeMetric } from '../src/analytics/trade.metric.js';
import { WindowMetrics } from '../src/analytics/metrics/window.metric.js';
import { SetClock } from './set-clock.js';
import {
  steadyTimes,
  STREAM_START_SECONDS,
  tradeStream,
  type ArrivedTrade,
} from './trade-stream-arbitrary.js';

const BUCKET_SECONDS = 0.25;
/** A latency beyond counts as one of an hour. */
const HOUR_SECONDS = 3600;

interface Applied {
  readonly trade: TradeEvent;
  /** By the system's clock. */
  readonly receivedAtSeconds: number;
  /** By the steady clock. */
  readonly atSeconds: number;
}

const scoped = (applied: readonly Applied[], side: SideScope): Applied[] =>
  applied.filter(({ trade }) => side === 'all' || trade.side === side);

/** The buckets' grid starts with the clock's first reading. */
const bucketOf = (seconds: number): number => Math.floor((seconds - STREAM_START_SECONDS) / BUCKET_SECONDS);

/** The same for the spans of the latency quantiles. */
const minute = (seconds: number): number => Math.max(0, Math.floor((seconds - STREAM_START_SECONDS) / 60));

const inWindow = <T extends { atSeconds: number }>(items: readonly T[], seconds: number, now: number): T[] =>
  items.filter(({ atSeconds }) => bucketOf(atSeconds) > bucketOf(now) - seconds / BUCKET_SECONDS);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value / values.length, values.length === 0 ? Number.NaN : 0);

const stddev = (values: readonly number[]): number => {
  const center = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
};

/** How far off a value is, in units of the size of the numbers that went in: 0 when both are NaN. */
function difference(actual: number, expected: number, scale = 1): number {
  if (Number.isNaN(expected) && Number.isNaN(actual)) return 0;
  return Math.abs(actual - expected) / Math.max(scale, Math.abs(expected), 1);
}

/** What doubles may lose on the way. */
const ROUNDING = 1e-9;

/** Streams, and how long after the last trade is looked. */
const cases = [tradeStream, fc.double({ min: 0, max: 400, noNaN: true })] as const;

describe('rolling metrics against brute force over random streams', () => {
  let clock: SetClock;

  beforeEach(() => {
    register.clear();
    clock = new SetClock();
  });

  /** Applies a stream as `TradeAnalysis` does, what has one time as a batch, and moves the clock on. */
  function run(
    metric: TradeMetric,
    stream: readonly ArrivedTrade[],
    laterSeconds: number,
  ): { applied: Applied[]; now: number } {
    const times = steadyTimes(stream);
    const applied = stream.map(({ trade, receivedAtSeconds }, index) => {
      clock.moveTo(receivedAtSeconds);
      const atSeconds = clock.advance(receivedAtSeconds);
      expect(Math.abs(atSeconds - (times[index] ?? Number.NaN))).toBeLessThan(1e-3);
      return { trade, receivedAtSeconds, atSeconds };
    });
    for (let start = 0; start < applied.length;) {
      const { receivedAtSeconds = Number.NaN, atSeconds: steadySeconds = Number.NaN } = applied[start] ?? {};
      let end = start + 1;
      while (
        applied[end]?.atSeconds === steadySeconds &&
        applied[end]?.receivedAtSeconds === receivedAtSeconds
      )
        end += 1;
      metric.apply(
        applied.slice(start, end).map(({ trade }) => trade),
        { receivedAtSeconds, steadySeconds },
      );
      start = end;
    }
    clock.moveTo((stream.at(-1)?.receivedAtSeconds ?? STREAM_START_SECONDS) + laterSeconds);
    return { applied, now: clock.now() };
  }

  function fresh(): void {
    register.clear();
    clock = new SetClock();
  }

  it('windows hold count, volume, mean, deviation and maximum of their trades, and no others', () => {
    fc.assert(
      fc.property(...cases, (stream, laterSeconds) => {
        fresh();
        const metric = new WindowMetrics(clock);
        const { applied, now } = run(metric, stream, laterSeconds);
        for (const { label, seconds } of ROLLING_WINDOWS) {
          for (const side of SIDE_SCOPES) {
            const qty = inWindow(scoped(applied, side), seconds, now).map(({ trade }) => trade.qty);
            const stats = metric.read(label)[side];
            expect(stats.trades).toBe(qty.length);
            const volume = qty.reduce((sum, value) => sum + value, 0);
            expect(difference(stats.volume, volume)).toBeLessThan(ROUNDING);
            expect(difference(stats.qtyMean, mean(qty))).toBeLessThan(ROUNDING);
            // 1e-6 of a quantity around 1e9: the textbook formula would be off by tens there.
            expect(difference(stats.qtyStddev, stddev(qty), 1000)).toBeLessThan(ROUNDING);
            expect(stats.qtyMax).toBe(qty.length === 0 ? Number.NaN : Math.max(...qty));
          }
        }
      }),
    );
  });

  it('a window is never longer than it says, and at most a bucket shorter', () => {
    fc.assert(
      fc.property(...cases, (stream, laterSeconds) => {
        fresh();
        const metric = new WindowMetrics(clock);
        const { applied, now } = run(metric, stream, laterSeconds);
        for (const { label, seconds } of ROLLING_WINDOWS) {
          const newerThan = (age: number): number =>
            applied.filter(({ atSeconds }) => now - atSeconds < age).length;
          const { trades } = metric.read(label).all;
          expect(trades).toBeLessThanOrEqual(newerThan(seconds + 1e-6));
          expect(trades).toBeGreaterThanOrEqual(newerThan(seconds - BUCKET_SECONDS - 1e-6));
        }
      }),
    );
  });

  it('reading does not change what is read', () => {
    fc.assert(
      fc.property(...cases, (stream, laterSeconds) => {
        fresh();
        const untouched = new WindowMetrics(clock);
        run(untouched, stream, laterSeconds);
        const expected = untouched.read('5m');
        fresh();
        const watched = new WindowMetrics(clock);
        const readEachTime = {
          apply(trades: readonly TradeEvent[], receipt: Receipt): void {
            watched.apply(trades, receipt);
            watched.read('1m');
          },
        };
        run(readEachTime, stream, laterSeconds);
        expect(watched.read('5m')).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('the EWMA weighs each trade by its age alone', () => {
    fc.assert(
      fc.property(...cases, (stream, laterSeconds) => {
        fresh();
        const metric = new VolumeEwmaMetric(clock);
        const { applied, now } = run(metric, stream, laterSeconds);
        for (const side of SIDE_SCOPES) {
          const weights = scoped(applied, side).map(
            ({ trade, atSeconds }) => (trade.qty / 60) * Math.exp((atSeconds - now) / 60),
          );
          const expected = weights.reduce((sum, weight) => sum + weight, 0);
          expect(difference(metric.read()[side], expected)).toBeLessThan(ROUNDING);
        }
      }),
    );
  });

  it('burstiness is that of the inter-arrival times whose later trade is in the window', () => {
    fc.assert(
      fc.property(...cases, (stream, laterSeconds) => {
        fresh();
        const metric = new BurstinessMetric(clock);
        const { applied, now } = run(metric, stream, laterSeconds);
        const idle = new IdleGaps();
        const gaps = applied
          .slice(1)
          .map(({ atSeconds }, index) => ({ atSeconds, gap: atSeconds - (applied[index]?.atSeconds ?? 0) }))
          .filter(({ atSeconds, gap }, index, all) => {
            const before = index === 0 ? Number.NaN : (all[index - 1]?.atSeconds ?? 0);
            // The others of a batch came with its first one.
            if (atSeconds === before || (index === 0 && gap === 0)) return true;
            const together = applied.filter((other) => other.atSeconds === atSeconds).length;
            return !idle.take(gap, together);
          });
        for (const { label, seconds } of ROLLING_WINDOWS) {
          const inside = inWindow(gaps, seconds, now).map(({ gap }) => gap);
          const n = inside.length;
          const r = stddev(inside) / mean(inside);
          const formula =
            (Math.sqrt(n + 1) * r - Math.sqrt(n - 1)) / ((Math.sqrt(n + 1) - 2) * r + Math.sqrt(n - 1));
          expect(difference(metric.read()[label], n < 10 ? Number.NaN : formula, 1000)).toBeLessThan(
            ROUNDING,
          );
        }
      }),
    );
  });

  it('latency quantiles are those of the last one to two minutes, to 0.1 %, without trades from the future', () => {
    fc.assert(
      fc.property(...cases, (stream, laterSeconds) => {
        fresh();
        const metric = new LatencyQuantileMetric(clock);
        const { applied, now } = run(metric, stream, laterSeconds);
        const latencies = applied
          .filter(({ atSeconds }) => minute(atSeconds) >= minute(now) - 1)
          .map(({ trade, receivedAtSeconds }) => Math.min(HOUR_SECONDS, receivedAtSeconds - trade.ts))
          .filter((seconds) => seconds >= 0)
          .sort((a, b) => a - b);
        const values = metric.read();
        for (const quantile of LATENCY_QUANTILES) {
          // The quantile of few values lies between two of them, and it is a matter of taste at which.
          const rank = quantile * latencies.length;
          const low = latencies[Math.max(0, Math.floor(rank) - 1)] ?? Number.NaN;
          const high = latencies[Math.max(0, Math.ceil(rank) - 1)] ?? Number.NaN;
          const value = values[quantile] ?? 0;
          expect(Number.isNaN(value)).toBe(latencies.length === 0);
          // Half a microsecond of rounding, and never less than one: the histogram's unit.
          expect(value < low * 0.999 - 1e-6 || value > high * 1.001 + 1.5e-6).toBe(false);
        }
      }),
      // Shrinking would fill thousands of histograms.
      { endOnFailure: true, numRuns: 50 },
    );
  });
});
