import type { Query, ValueRange } from '../panel-definition.js';
import type { Series } from './prometheus-api.js';

/** A series under its name in the legend. */
export interface NamedSeries extends Series {
  readonly name: string;
}

/** The verdict on one query: what was seen, and everything that is wrong with it. */
export interface Verdict {
  readonly seen: string;
  readonly faults: readonly string[];
}

/** Names a series as Grafana's legend does. */
export function legendName(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');
}

/**
 * Holds an answer against what the known load implies. NaN is "nothing to say" and counts as no value: a series
 * of nothing else is as empty as none.
 */
export function checkValues(series: readonly NamedSeries[], expected: Query['expected']): Verdict {
  const alive = series
    .map(({ name, points }) => ({
      name,
      values: points.map(([, value]) => value).filter((value) => !Number.isNaN(value)),
    }))
    .filter(({ values }) => values.length > 0);
  const all = alive.flatMap(({ values }) => values);
  if (all.length === 0) return { seen: '-', faults: ['empty result'] };
  const seen = `${short(Math.min(...all))} … ${short(Math.max(...all))} (${alive.length} series)`;
  const faults = isRange(expected)
    ? alive.flatMap(({ name, values }) => outside(name, values, expected))
    : checkEach(alive, expected);
  return { seen, faults };
}

function checkEach(
  alive: readonly { name: string; values: number[] }[],
  expected: Readonly<Record<string, ValueRange>>,
): string[] {
  const names = new Set(alive.map(({ name }) => name));
  const missing = Object.keys(expected).filter((name) => !names.has(name));
  return [
    ...missing.map((name) => `no series "${name}"`),
    ...alive.flatMap(({ name, values }) => {
      const range = expected[name];
      return range === undefined ? [`unexpected series "${name}"`] : outside(name, values, range);
    }),
  ];
}

function outside(name: string, values: readonly number[], [lowest, highest]: ValueRange): string[] {
  const worst = values.find((value) => value < lowest || value > highest);
  if (worst === undefined) return [];
  return [`"${name}" is ${short(worst)}, not within ${short(lowest)} … ${short(highest)}`];
}

function isRange(expected: Query['expected']): expected is ValueRange {
  return Array.isArray(expected);
}

/** A number in few characters. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
