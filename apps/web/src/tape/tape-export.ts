import { toCsv } from '../format/csv-writer.js';
import type { ShownRow } from './tape.filter.js';

const HEADER = [
  'time',
  'ts_seconds',
  'symbol',
  'side',
  'qty',
  'price',
  'status',
  'latency_seconds',
  'reason',
  'posted_here',
];

/** The rows as comma-separated text, times in UTC. */
export function tapeCsv(rows: readonly ShownRow[]): string {
  const cells = rows.map((row) => [
    new Date(row.ts * 1000).toISOString(),
    row.ts,
    row.symbol,
    row.side,
    row.qty,
    row.price,
    row.status,
    row.latencySeconds,
    row.reason,
    row.mine,
  ]);
  return toCsv(HEADER, cells);
}
