import { useEffect, useRef, useState } from 'react';
import type { SymbolFigures } from './market-client.js';

/** How long a move is shown. */
const SHOWN_MS = 10_000;
/** Ranks are compared this often: between two answers they change too little to be seen. */
const COMPARED_MS = 5000;

interface Move {
  readonly places: number;
  readonly untilMs: number;
}

/** The places that each symbol rose (negative: fell) since the ranks were compared last. */
export function rankMoves(
  before: ReadonlyMap<string, number>,
  symbols: readonly SymbolFigures[],
): Map<string, number> {
  const moves = new Map<string, number>();
  for (const { symbol, rank } of symbols) {
    const places = (before.get(symbol) ?? rank) - rank;
    if (places !== 0) moves.set(symbol, places);
  }
  return moves;
}

/** Which symbols rose or fell lately, by places; those that did not are not in it. */
export function useRankMoves(symbols: readonly SymbolFigures[]): ReadonlyMap<string, number> {
  const [moves, setMoves] = useState<ReadonlyMap<string, Move>>(new Map());
  const before = useRef<{ ranks: ReadonlyMap<string, number>; atMs: number }>({ ranks: new Map(), atMs: 0 });
  useEffect(() => {
    const nowMs = performance.now();
    if (nowMs - before.current.atMs < COMPARED_MS) return;
    const fresh = rankMoves(before.current.ranks, symbols);
    before.current = { ranks: new Map(symbols.map(({ symbol, rank }) => [symbol, rank])), atMs: nowMs };
    setMoves((kept) => {
      const lasting = [...kept].filter(([, { untilMs }]) => untilMs > nowMs);
      const added = [...fresh].map(
        ([symbol, places]) => [symbol, { places, untilMs: nowMs + SHOWN_MS }] as const,
      );
      return new Map([...lasting, ...added]);
    });
  }, [symbols]);
  return new Map([...moves].map(([symbol, { places }]) => [symbol, places]));
}
