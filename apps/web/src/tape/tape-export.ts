import { toCsv } from '../format/csv-writer.js';
import type { ShownRow } from './tape.filter.js';

const HEADER = ['time', 'ts_seconds', 'side', 'qty', 'status', 'latency_seconds', 'reason', 'posted_here'];

/** The rows as comma-separated text, times in UTC. */
export function tapeCsv(rows: readonly ShownRow[]): string {
  const cells = rows.map((row) => [
    new Date(row.ts * 1000).toISOString(),
    row.ts,
    row.side,
    row.qty,
    row.status,
    row.latencySeconds,
    row.reason,
    row.mine,
  ]);
  return toCsv(HEADER, cells);
}
