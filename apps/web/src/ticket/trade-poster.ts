import { askGuarded } from '../access/guarded-ask.js';
import type { Side, Trade } from '../feed/feed-items.js';

/** The answer to one trade: the event as it was sent, and a notice while no sidecar is connected. */
export interface TradeAnswer extends Trade {
  readonly notice?: string;
  readonly queued?: number;
}

/** What a trade is about; both may be left out. */
export interface TradeSubject {
  readonly symbol?: string | undefined;
  readonly price?: number | undefined;
}

/**
 * Posts one trade; asks for the token when one is wanted.
 *
 * @throws ProblemError when it was not taken
 */
export function postTrade(side: Side, qty: number, subject: TradeSubject = {}): Promise<TradeAnswer> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify({ qty, ...subject }) };
  return askGuarded<TradeAnswer>(`trade/${side}`, init, 'user');
}
