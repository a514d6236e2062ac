import type { RankBy } from '../choice/desk-choice.js';
import { askJson } from '../net/problem-error.js';

/** Trades that belong together, as `/analytics/bars` tells them; null where nothing is known. */
export interface Bar {
  /** Unix epoch seconds. */
  readonly start: number;
  readonly end: number;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number;
  readonly trades: number;
  /** (B − S)/(B + S) of the bar's volumes. */
  readonly imbalance: number | null;
}

/** Answer of `/analytics/bars`; oldest first. */
export interface BarsAnswer {
  /** Seconds, or volume. */
  readonly size: number;
  /** When it was asked, by the sidecar's clock: unix epoch seconds; not told by older sidecars. */
  readonly at?: number;
  /** False when the sidecar no longer has all trades of that time. */
  readonly complete: boolean;
  readonly bars: readonly Bar[];
}

/** One symbol's trades of a time, as `/analytics/symbols` tells them. */
export interface SymbolFigures {
  /** From 1. */
  readonly rank: number;
  readonly symbol: string;
  readonly trades: number;
  readonly volume: number;
  readonly notional: number | null;
  readonly lastPrice: number | null;
  /** Volume bought minus sold. */
  readonly delta: number;
  /** Part of what all symbols have of the ranked figure, 0 to 1. */
  readonly share: number | null;
}

/** Answer of `/analytics/symbols`; largest first. */
export interface SymbolsAnswer {
  readonly by: RankBy;
  /** How many symbols traded, listed or not. */
  readonly count: number;
  readonly symbols: readonly SymbolFigures[];
}

/** A question about bars. */
export interface BarsQuestion {
  readonly by: 'time' | 'volume';
  /** Seconds, or volume. */
  readonly size: number;
  readonly lastSeconds: number;
  readonly symbol: string | undefined;
}

const MOST_SYMBOLS = 200;

/**
 * Asks the sidecar for bars.
 *
 * @throws ProblemError when it is away, or keeps no trades
 */
export function fetchBars({ by, size, lastSeconds, symbol }: BarsQuestion): Promise<BarsAnswer> {
  const asked = new URLSearchParams({
    by,
    size: by === 'time' ? `${size}s` : String(size),
    last: `${lastSeconds.toFixed(3)}s`,
    ...(symbol !== undefined && { symbol }),
  });
  return askJson<BarsAnswer>(`sidecar/analytics/bars?${asked}`);
}

/**
 * Asks the sidecar for the symbols of the last trades.
 *
 * @throws ProblemError when it is away, or keeps no trades
 */
export function fetchSymbols(by: RankBy, lastSeconds: number): Promise<SymbolsAnswer> {
  const asked = new URLSearchParams({ by, last: `${lastSeconds}s`, limit: String(MOST_SYMBOLS) });
  return askJson<SymbolsAnswer>(`sidecar/analytics/symbols?${asked}`);
}
