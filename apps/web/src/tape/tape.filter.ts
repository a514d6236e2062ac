import type { Side } from '../feed/feed-items.js';
import { statusOf, type RowStatus, type TapeContext, type TapeRow } from './tape-row.js';

/** A row with its status at a moment. */
export interface ShownRow extends TapeRow {
  readonly status: RowStatus;
}

/** What is asked for. */
export interface TapeFilter {
  readonly side: Side | 'all';
  readonly show: 'all' | 'mine' | 'open' | 'failed';
  readonly minQty: number;
  /** Undefined: any, and without one. */
  readonly symbol?: string | undefined;
}

/** Everything. */
export const NO_FILTER: TapeFilter = { side: 'all', show: 'all', minQty: 0 };

const FAILED = new Set<RowStatus>(['rejected', 'refused', 'dropped', 'unseen']);
const OPEN = new Set<RowStatus>(['emitted', 'waiting']);

/** The rows that a filter lets through, each with its status now. */
export function filterRows(rows: readonly TapeRow[], filter: TapeFilter, context: TapeContext): ShownRow[] {
  const shown: ShownRow[] = [];
  for (const row of rows) {
    if (filter.side !== 'all' && row.side !== filter.side) continue;
    if (filter.symbol !== undefined && row.symbol !== filter.symbol) continue;
    if (row.qty < filter.minQty || (filter.show === 'mine' && !row.mine)) continue;
    const status = statusOf(row, context);
    if (filter.show === 'failed' && !FAILED.has(status)) continue;
    if (filter.show === 'open' && !OPEN.has(status)) continue;
    shown.push({ ...row, status });
  }
  return shown;
}
