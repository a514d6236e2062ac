import type { TradeSide } from '@app/contracts';
import type { TradeTotals } from '../recorder/trade.recorder.js';

/** A trade as the stream shows it. */
export interface TradeItem {
  readonly kind: 'trade';
  readonly side: TradeSide;
  readonly qty: number;
  /** When it was made: unix epoch seconds. */
  readonly ts: number;
  /** When it came in: unix epoch seconds. */
  readonly receivedAtSeconds: number;
  /** `receivedAtSeconds − ts`; negative when the clocks differ. */
  readonly latencySeconds: number;
}

/** Where things stand; sent with every batch of trades. */
export interface TotalsItem {
  readonly kind: 'totals';
  readonly totals: TradeTotals;
  readonly rejected: number;
  /** Trades since the totals before that were counted but are not shown: the rate is over what the stream carries. */
  readonly leftOut: number;
}

/** One element of the arrays that `GET /stream` sends. */
export type StreamItem = TradeItem | TotalsItem;
