import { notionalOf, type TapeRow } from './tape-row.js';

/** A column of the tape. */
export type TapeColumn =
  'time' | 'symbol' | 'side' | 'qty' | 'price' | 'notional' | 'size' | 'status' | 'latency' | 'reason';

/** How wide a column is. The bar and the reason take what is left; others shrink a little first. */
const WIDTHS: Record<TapeColumn, string> = {
  time: '6.5rem',
  symbol: 'minmax(4.5rem,8rem)',
  side: '4.25rem',
  qty: 'minmax(4rem,6rem)',
  price: 'minmax(5.25rem,7rem)',
  notional: 'minmax(5.25rem,7rem)',
  size: 'minmax(3rem,1fr)',
  status: '7rem',
  latency: '4.5rem',
  reason: 'minmax(6rem,2fr)',
};

/** The columns that hold anything, in their order. */
export function columnsOf(rows: readonly TapeRow[]): TapeColumn[] {
  const has = (read: (row: TapeRow) => unknown): boolean => rows.some((row) => read(row) !== undefined);
  const isPriced = has(({ price }) => price);
  const filled: Partial<Record<TapeColumn, boolean>> = {
    symbol: has(({ symbol }) => symbol),
    price: isPriced,
    notional: isPriced,
    latency: has(({ latencySeconds }) => latencySeconds),
    reason: has(({ reason }) => reason),
  };
  return (Object.keys(WIDTHS) as TapeColumn[]).filter((column) => filled[column] ?? true);
}

/** The columns as CSS takes them. */
export function templateOf(columns: readonly TapeColumn[]): string {
  return columns.map((column) => WIDTHS[column]).join(' ');
}

/** What the bar of a row is about: money where every row has a price, otherwise the quantity. */
export function sizesOf(rows: readonly TapeRow[]): (row: TapeRow) => number {
  const isPriced = rows.every(({ price }) => price !== undefined);
  const read = (row: TapeRow): number => (isPriced ? (notionalOf(row) ?? 0) : row.qty);
  const largest = rows.reduce((most, row) => Math.max(most, read(row)), 0);
  // The root, as sizes spread widely: one large trade must not make all others vanish.
  return (row) => (largest === 0 ? 0 : Math.sqrt(read(row) / largest));
}
