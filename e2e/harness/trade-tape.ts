import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../testing/root.js';
import type { Trade } from './trade-mix.js';

/** 72 real trades of ETHUSDT; they lie beside the project and are no part of it. */
export const TAPE_FILE = join(ROOT, '..', 'shared', 'data', 'ethusdt-trades-2020-08-14.csv');

/** One trade of the tape, with the exchange's time in unix epoch seconds. */
export interface TapeTrade extends Trade {
  readonly ts: number;
  readonly price: number;
}

/** Whether the tape lies there. */
export function hasTape(): boolean {
  return existsSync(TAPE_FILE);
}

/** Reads the tape. The buyer being the maker means that the taker sold. */
export function readTape(): TapeTrade[] {
  const [, ...rows] = readFileSync(TAPE_FILE, 'utf8').trim().split('\n');
  return rows.map((row) => {
    const [time = '', , price = '', quantity = '', buyerIsMaker = ''] = row.trim().split(',');
    return {
      side: buyerIsMaker === 'True' ? 'sell' : 'buy',
      qty: Number(quantity),
      price: Number(price),
      ts: Date.parse(time.replace(' ', 'T')) / 1000,
    };
  });
}
