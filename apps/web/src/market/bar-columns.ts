import type { Bar } from './market-client.js';

/** A list with a value for each bar; null where it has none. */
export type Column = readonly (number | null)[];

/** Bars as charts take them: one list for each figure. */
export interface BarColumns {
  /** The middle of each bar: unix epoch seconds of time bars, and for others the number of the bar plus a half. */
  readonly x: readonly number[];
  /** A bar's width in the unit of `x`. */
  readonly step: number;
  /** What the chart covers, in the unit of `x`. */
  readonly from: number;
  readonly to: number;
  readonly bars: readonly Bar[];
  readonly bought: readonly number[];
  readonly sold: readonly number[];
  readonly imbalance: Column;
  /** Volume bought minus sold, added up from the first bar on. */
  readonly delta: readonly number[];
  readonly hasPrices: boolean;
}

/** What the chart shows of its answer. */
export interface BarRange {
  readonly by: 'time' | 'volume';
  /** Seconds, or volume. */
  readonly size: number;
  /** Unix epoch seconds. */
  readonly from: number;
  readonly to: number;
}

/** Room for this many bars of volume at least: few bars are not drawn as wide as the chart. */
const LEAST_BARS = 30;

/** Part of a volume: what sums may be off. As much bought as sold is a difference of 0, and not of 1e-16. */
const ROUNDING = 1e-12;

/** Turns an answer's bars into columns; bars that began before the range are left out. */
export function toColumns(all: readonly Bar[], { by, size, from, to }: BarRange): BarColumns {
  const bars = all.filter(({ start, end }) => (by === 'time' ? start >= from : end >= from));
  const bought = bars.map(({ volume, imbalance }) => (volume * (1 + (imbalance ?? 0))) / 2);
  const delta: number[] = [];
  let traded = 0;
  for (const [index, { volume }] of bars.entries()) {
    traded += volume;
    const sum = (delta[index - 1] ?? 0) + 2 * (bought[index] ?? 0) - volume;
    delta.push(Math.abs(sum) < ROUNDING * traded ? 0 : sum);
  }
  const axis =
    by === 'time'
      ? { x: bars.map(({ start }) => start + size / 2), step: size, from, to }
      : {
          x: bars.map((_bar, index) => index + 0.5),
          step: 1,
          from: 0,
          to: Math.max(LEAST_BARS, bars.length),
        };
  return {
    ...axis,
    bars,
    bought,
    sold: bars.map(({ volume }, index) => volume - (bought[index] ?? 0)),
    imbalance: bars.map(({ imbalance }) => imbalance),
    delta,
    hasPrices: bars.some(({ close }) => close !== null),
  };
}

const STEPS = [1, 2, 5, 10];
const WANTED_BARS = 60;
const FEWEST_BARS = 20;
const MOST_BARS = 150;

/** The sizes that the sidecar takes. */
const [SMALLEST, LARGEST] = [1e-98, 1e15];

/**
 * A round size that makes about sixty bars of a volume. The size before stays while it still makes a readable number of
 * bars, so that the chart does not change under its reader.
 *
 * @returns undefined without volume
 */
export function barVolume(total: number, before: number | undefined): number | undefined {
  if (total <= 0) return undefined;
  if (before !== undefined && total / before >= FEWEST_BARS && total / before <= MOST_BARS) return before;
  const wanted = total / WANTED_BARS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = STEPS.find((candidate) => candidate * power >= wanted) ?? 10;
  return Math.min(LARGEST, Math.max(SMALLEST, Number((step * power).toPrecision(1))));
}
