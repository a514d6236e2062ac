import type { Side } from './feed-items.js';

/** A rejected input, as the sidecar keeps it. */
export interface Letter {
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly receivedAtSeconds: number;
  readonly content: string;
  readonly encoding: 'json' | 'text' | 'base64';
  readonly contentBytes: number;
  readonly truncated: boolean;
  /** False when the same event would be rejected again; absent from sidecars that do not tell. */
  readonly replayable?: boolean;
  /** When it was replayed and applied, in unix epoch seconds; absent until then. */
  readonly replayedAtSeconds?: number;
}

/** Answer of `/dead-letters`. */
export interface LetterList {
  readonly rejected: number;
  readonly kept: number;
  readonly letters: readonly Letter[];
}

/** What of a trade can be read in a letter; nothing is certain, since it was rejected. */
export interface LetterTrade {
  readonly side?: Side;
  readonly qty?: number;
  readonly ts?: number;
  readonly symbol?: string;
  readonly price?: number;
}

/** Reads a letter's content as far as it is a trade. */
export function readLetter({ content, truncated, encoding }: Letter): LetterTrade {
  if (truncated || encoding === 'base64') return {};
  const { side, qty, ts, symbol, price } = parseObject(content);
  return {
    ...((side === 'buy' || side === 'sell') && { side }),
    ...(typeof qty === 'number' && { qty }),
    ...(typeof ts === 'number' && { ts }),
    ...(typeof symbol === 'string' && { symbol }),
    ...(typeof price === 'number' && { price }),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    // Most letters are letters because they are not JSON.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
