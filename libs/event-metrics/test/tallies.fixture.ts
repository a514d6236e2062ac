import { EventPlans, EventTallies, type KeptSeries, parseMetricsFile } from '../src/index.js';

/** What the sidecar would hold back. */
export const RULES = {
  types: ['trade'],
  names: ['trades_total', 'volume_total'],
  prefixes: ['trading_'],
  labels: ['partition'],
};

/** Tallies of the types that a YAML text has under `events`. */
export function talliesOf(yaml: string): EventTallies {
  return new EventTallies(new EventPlans(parseMetricsFile(yaml, RULES)));
}

/** Counts of all series that moved, by name and label values; a histogram's are its sum and its buckets. */
export function samplesOf(tallies: EventTallies): Record<string, number | number[]> {
  return Object.fromEntries(tallies.all().map((series) => [keyOf(series), countOf(series)]));
}

function keyOf({ signature, labels }: KeptSeries): string {
  const [, name] = JSON.parse(signature) as [string, string];
  return JSON.stringify([name, ...labels]);
}

function countOf({ value, counts }: KeptSeries): number | number[] {
  return counts === undefined ? value : [value, ...counts];
}
