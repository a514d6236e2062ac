import type { RollingWindow, TradeSide } from '@app/contracts';
import type { SideScope } from '../analytics/rolling/side.scope.js';
import type { WindowStats } from '../analytics/rolling/window.stats.js';
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

/** The live statistics, as the metrics have them; in JSON, null stands for what is not known. At most twice a second. */
export interface StatisticsItem {
  readonly kind: 'statistics';
  /** Unix epoch seconds. */
  readonly atSeconds: number;
  readonly windows: Readonly<Record<RollingWindow, Readonly<Record<SideScope, WindowStats>>>>;
  /** Quantity a second. */
  readonly volumeEwma: Readonly<Record<SideScope, number>>;
  /** −1 to 1. */
  readonly burstiness: Readonly<Record<RollingWindow, number>>;
  /** Quantile → seconds, of the last one to two minutes. */
  readonly latencySeconds: Readonly<Record<string, number>>;
}

/** One element of the arrays that `GET /stream` sends. */
export type StreamItem = TradeItem | TotalsItem | StatisticsItem;
