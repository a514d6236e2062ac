import type { Side, Trade } from '../feed/feed.items.js';
import { askJson } from '../net/problem.error.js';

/** The answer to one trade: the event as it was sent, and a notice while no sidecar is connected. */
export interface TradeAnswer extends Trade {
  readonly notice?: string;
  readonly queued?: number;
}

/**
 * Posts one trade.
 *
 * @throws ProblemError when it was not taken
 */
export function postTrade(side: Side, qty: number): Promise<TradeAnswer> {
  return askJson<TradeAnswer>(`/trade/${side}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ qty }),
  });
}
