import { MALFORMED_REASONS, type MalformedReason } from './exchange/exchange.js';
import { TradeSequence } from './exchange/trade-sequence.js';

/** What a feed has heard from its exchange. */
export class FeedTally {
  messages = 0;
  /** Trades that came once and can be used. */
  trades = 0;
  duplicates = 0;
  /** Trades that came after later ones; they are used. */
  outOfOrder = 0;
  /** Trades whose time is none: they have the time of their reception. */
  retimed = 0;
  connections = 0;
  readonly malformed: Record<MalformedReason, number> = Object.fromEntries(
    MALFORMED_REASONS.map((reason) => [reason, 0]),
  ) as Record<MalformedReason, number>;
  private readonly sequences: ReadonlyMap<string, TradeSequence>;

  constructor(symbols: readonly string[]) {
    this.sequences = new Map(symbols.map((symbol) => [symbol, new TradeSequence()]));
  }

  /** The trades of a symbol that was asked for; undefined for any other. */
  sequenceOf(symbol: string): TradeSequence | undefined {
    return this.sequences.get(symbol);
  }

  /** Trades that have not come, by symbol, without those of which none is missing. */
  get missing(): Readonly<Record<string, number>> {
    const counts = [...this.sequences].map(([symbol, { missing }]) => [symbol, missing] as const);
    return Object.fromEntries(counts.filter(([, missing]) => missing > 0));
  }
}

/** `3 (a 1, b 2)`; `0` for nothing. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  const sum = some.reduce((total, [, count]) => total + count, 0);
  return sum === 0 ? '0' : `${sum} (${some.map(([name, count]) => `${name} ${count}`).join(', ')})`;
}
