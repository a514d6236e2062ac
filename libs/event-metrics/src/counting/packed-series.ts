import { MAX_LABEL_CHARACTERS, type MetricDefinition } from '../definitions.js';
import { type KeptSeries, readLabelsOf } from './metric-tally.js';

/** Most bytes of one character in JSON text: a control character, as `\u0001`. */
const CHARACTER_BYTES = 6;
/** A double, and what stands around it. */
const NUMBER_BYTES = 26;

/** Series of one metric: its label values once, and for each series their places, then value, time and buckets. */
type PackedMetric = readonly [
  signature: string,
  values: readonly string[],
  series: readonly (readonly number[])[],
];

/** The series as one text. Label values stand in it once, so that combinations of them stay short. */
export function packed(series: Iterable<KeptSeries>): string {
  const metrics = new Map<string, { readonly places: Map<string, number>; readonly rows: number[][] }>();
  for (const { signature, labels, value, movedAtSeconds, counts = [] } of series) {
    let metric = metrics.get(signature);
    if (metric === undefined) metrics.set(signature, (metric = { places: new Map(), rows: [] }));
    const { places, rows } = metric;
    const row = labels.map((label) => {
      const place = places.get(label) ?? places.size;
      places.set(label, place);
      return place;
    });
    rows.push([...row, value, movedAtSeconds, ...counts]);
  }
  const packedMetrics = [...metrics].map(([signature, { places, rows }]): PackedMetric => {
    return [signature, [...places.keys()], rows];
  });
  return JSON.stringify(packedMetrics);
}

/** @throws SyntaxError for a text that is not JSON */
export function* unpacked(text: string): Iterable<KeptSeries> {
  for (const [signature, values, rows] of JSON.parse(text) as readonly PackedMetric[]) {
    const [kind, , names] = JSON.parse(signature) as [string, string, readonly string[]];
    const read = names.filter((name) => !name.includes('=')).length;
    for (const row of rows) {
      const labels = row.slice(0, read).map((place) => values[place] ?? '');
      const [value = 0, movedAtSeconds = 0, ...counts] = row.slice(read);
      yield { signature, labels, value, movedAtSeconds, ...(kind === 'histogram' && { counts }) };
    }
  }
}

/** The most bytes that the series of these metrics can take as one text. */
export function mostPackedBytes(metrics: readonly MetricDefinition[]): number {
  return metrics.reduce((sum, metric) => {
    const sizes = readLabelsOf(metric).map(({ max }) => max + 1);
    const values = sizes.reduce((all, size) => all + size, 0) * (MAX_LABEL_CHARACTERS * CHARACTER_BYTES + 3);
    const series = sizes.reduce((product, size) => product * size, 1);
    const numbers = sizes.length + 2 + (metric.kind === 'histogram' ? metric.buckets.length + 1 : 0);
    return sum + 1024 + values + series * numbers * NUMBER_BYTES;
  }, 0);
}
