import { toCsv } from '../format/csv-writer.js';
import type { Spread } from './use-latency.js';

/** One row for each column of time and bucket that holds events. */
export function latencyCsv({ bounds, columns }: Spread): string {
  const rows = columns.flatMap(({ at, counts }) =>
    counts.flatMap((count, index) =>
      count > 0 ? [[new Date(at * 1000).toISOString(), bounds[index - 1] ?? 0, bounds[index], count]] : [],
    ),
  );
  return toCsv(['until', 'above_seconds', 'up_to_seconds', 'events'], rows);
}
