import type { RejectionReason, TradeSide } from '@app/contracts';

/** Running totals of one side. */
export interface SideTotals {
  readonly trades: number;
  readonly volume: number;
}

/** Every count that goes on after a restart, at one moment. Plain data: it is what is written. */
export interface SidecarCounters {
  readonly sides: Readonly<Record<TradeSide, SideTotals>>;
  /** The `ts` of the trade applied last; 0 before the first. */
  readonly lastTradeSeconds: number;
  readonly clockSkew: number;
  readonly rejected: Readonly<Partial<Record<RejectionReason, number>>>;
  /** Dead letters that were sent again. */
  readonly replayed: number;
}

/** Where everything begins. */
export const NO_COUNTS: SidecarCounters = {
  sides: { buy: { trades: 0, volume: 0 }, sell: { trades: 0, volume: 0 } },
  lastTradeSeconds: 0,
  clockSkew: 0,
  rejected: {},
  replayed: 0,
};
