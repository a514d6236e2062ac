import type { TapeColumns } from './tape-columns.js';
import { tapeSeconds } from './tape-time.js';

/** One trade of a tape. */
export interface TapeRow {
  /** Unix epoch seconds. */
  readonly seconds: number;
  readonly qty: number;
  readonly side: 'buy' | 'sell';
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
  const widest = Math.max(columns.time, columns.qty, columns.side.index) + 1;
  if (cells.length < widest) return `has ${cells.length} columns, not ${widest} or more`;
  const timeText = cells[columns.time] ?? '';
  const qtyText = cells[columns.qty] ?? '';
  const sideText = cells[columns.side.index] ?? '';
  const seconds = tapeSeconds(timeText);
  if (!Number.isFinite(seconds)) return `"${timeText}" is no time`;
  const qty = qtyText === '' ? Number.NaN : Number(qtyText);
  if (!Number.isFinite(qty) || qty < 0) return `"${qtyText}" is no quantity of 0 or more`;
  const side = readSide(sideText, columns.side.kind);
  if (side === undefined)
    return `"${sideText}" is neither ${columns.side.kind === 'word' ? 'buy nor sell' : 'true nor false'}`;
  return { seconds, qty, side };
}
