/** The columns of a tape by meaning; indices from 0. */
export interface TapeColumns {
  readonly time: number;
  readonly qty: number;
  /** Undefined where a tape has no such column. */
  readonly symbol?: number;
  readonly price?: number;
  /** The side, in one of two forms: a word, or whether the buyer was the maker (then the taker sold). */
  readonly side: { readonly index: number; readonly kind: 'word' | 'buyer-is-maker' };
}

/** Headers seen in the wild, in lower case and without anything but letters. */
const TIME = ['ts', 'time', 'timestamp', 'tradetime', 'transacttime', 'datetime'];
const QTY = ['qty', 'quantity', 'size', 'amount'];
const SYMBOL = ['symbol', 'productid', 'instrumentid', 'instrument', 'pair'];
const PRICE = ['price', 'tradeprice', 'px'];
const SIDE = ['side', 'takerside', 'aggressorside'];
const BUYER_IS_MAKER = ['isbuyermaker', 'buyermaker', 'buyerismaker'];

/** Binance's public trade files, which have no header for spot: id, price, qty, quote_qty, time, is_buyer_maker[, is_best_match]. */
const BINANCE: TapeColumns = { time: 4, qty: 2, price: 1, side: { index: 5, kind: 'buyer-is-maker' } };
const BINANCE_WIDTHS = [6, 7];
/** The contract's own fields: ts, side, qty. */
const PLAIN: TapeColumns = { time: 0, qty: 2, side: { index: 1, kind: 'word' } };

function fromHeader(cells: readonly string[]): TapeColumns | undefined {
  const names = cells.map((cell) => cell.toLowerCase().replaceAll(/[^a-z]/g, ''));
  const find = (known: readonly string[]): number => names.findIndex((name) => known.includes(name));
  const [time, qty, word, maker] = [find(TIME), find(QTY), find(SIDE), find(BUYER_IS_MAKER)];
  if (time < 0 || qty < 0 || (word < 0 && maker < 0)) return undefined;
  const side =
    word >= 0 ? { index: word, kind: 'word' as const } : { index: maker, kind: 'buyer-is-maker' as const };
  const [symbol, price] = [find(SYMBOL), find(PRICE)];
  return { time, qty, side, ...(symbol >= 0 && { symbol }), ...(price >= 0 && { price }) };
}

/**
 * Tells the columns of a tape from its first line.
 * @returns undefined when it is neither a header that names time, quantity and side, nor a row of a known form
 */
export function tapeColumns(
  firstLine: readonly string[],
): { columns: TapeColumns; hasHeader: boolean } | undefined {
  const named = fromHeader(firstLine);
  if (named) return { columns: named, hasHeader: true };
  // A row begins with a number or a date. A header with unknown names must not count as a bad first row.
  if (!/^\d/.test(firstLine[0] ?? '')) return undefined;
  if (BINANCE_WIDTHS.includes(firstLine.length)) return { columns: BINANCE, hasHeader: false };
  if (firstLine.length === 3) return { columns: PLAIN, hasHeader: false };
  return undefined;
}
