import type { TapeColumns } from './tape-columns.js';
import { tapeSeconds } from './tape-time.js';

/**
 * The contract's rules. A spec holds them equal: to load the contract itself would cost every command half a second of processor
 * time.
 */
export const SYMBOL = /^[A-Za-z0-9._:/-]{1,32}$/;
export const MAX_PRICE = 1e15;

/** One trade of a tape. */
export interface TapeRow {
  /** Unix epoch seconds. */
  readonly seconds: number;
  readonly qty: number;
  readonly side: 'buy' | 'sell';
  readonly symbol?: string;
  readonly price?: number;
}

const SIDES: Readonly<Record<string, 'buy' | 'sell'>> = { buy: 'buy', sell: 'sell', b: 'buy', s: 'sell' };
const TAKER_BY_MAKER: Readonly<Record<string, 'buy' | 'sell'>> = {
  true: 'sell',
  false: 'buy',
  1: 'sell',
  0: 'buy',
};

function readSide(text: string, kind: TapeColumns['side']['kind']): 'buy' | 'sell' | undefined {
  return (kind === 'word' ? SIDES : TAKER_BY_MAKER)[text.toLowerCase()];
}

/** Reads one row. @returns the trade, or what is wrong with the row, as the end of a sentence */
export function parseTapeRow(cells: readonly string[], columns: TapeColumns): TapeRow | string {
  const { symbol = 0, price = 0 } = columns;
  const widest = Math.max(columns.time, columns.qty, columns.side.index, symbol, price) + 1;
  if (cells.length < widest) return `has ${cells.length} columns, not ${widest} or more`;
  const timeText = cells[columns.time] ?? '';
  const qtyText = cells[columns.qty] ?? '';
  const sideText = cells[columns.side.index] ?? '';
  const seconds = tapeSeconds(timeText);
  if (!Number.isFinite(seconds)) return `"${timeText}" is not a time`;
  const qty = qtyText === '' ? Number.NaN : Number(qtyText);
  if (!Number.isFinite(qty) || qty < 0) return `"${qtyText}" is not a quantity of 0 or more`;
  const side = readSide(sideText, columns.side.kind);
  if (side === undefined)
    return `"${sideText}" is neither ${columns.side.kind === 'word' ? 'buy nor sell' : 'true nor false'}`;
  const market = readMarket(cells, columns);
  return typeof market === 'string' ? market : { seconds, qty, side, ...market };
}

/** Symbol and price, where the tape has them: an empty cell is a trade without. */
function readMarket(
  cells: readonly string[],
  columns: TapeColumns,
): Pick<TapeRow, 'symbol' | 'price'> | string {
  const cellOf = (column: number | undefined): string => (column === undefined ? '' : (cells[column] ?? ''));
  const [symbol, priceText] = [cellOf(columns.symbol), cellOf(columns.price)];
  if (symbol !== '' && !SYMBOL.test(symbol)) {
    return `"${symbol}" is not a symbol of 1 to 32 characters of A-Z, a-z, 0-9 and . _ : / -`;
  }
  const price = Number(priceText);
  if (priceText !== '' && !(price > 0 && price <= MAX_PRICE)) return `"${priceText}" is not a price over 0`;
  return { ...(symbol !== '' && { symbol }), ...(priceText !== '' && { price }) };
}
