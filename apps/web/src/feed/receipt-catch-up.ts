import { askText, ProblemError, readJson } from '../net/problem-error.js';
import type { Receipt, TradeFacts } from './feed-items.js';

interface ExportedTrade extends TradeFacts {
  readonly receivedAtSeconds: number;
}

/** The sidecar looks back an hour at most; a page that was away for longer has nothing left to complete. */
const LONGEST_SECONDS = 600;
/** Enough for what waited in a queue; a flood beyond it is not followed row by row anyhow. */
const MOST_LINES = 100_000;
const NOT_FOUND = 404;

function toReceipt(line: string): Receipt {
  const trade = readJson<ExportedTrade>(line);
  return { kind: 'trade', ...trade, latencySeconds: trade.receivedAtSeconds - trade.ts };
}

/**
 * What the sidecar received within the last `seconds`, told from its own memory: trades that arrived while this page's
 * stream was broken. Nothing from a sidecar that keeps none.
 *
 * @throws ProblemError when the sidecar is away, or its answer was cut short
 */
export async function fetchMissedReceipts(seconds: number): Promise<Receipt[]> {
  const last = Math.min(LONGEST_SECONDS, Math.ceil(seconds));
  try {
    const text = await askText(`sidecar/analytics/export?format=ndjson&last=${last}s`);
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.slice(-MOST_LINES).map(toReceipt);
  } catch (error) {
    if (error instanceof ProblemError && error.status === NOT_FOUND) return [];
    throw error;
  }
}
