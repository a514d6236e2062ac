import { TRADE_SIDES, type TradeSide } from '@app/contracts';

/** What statistics are kept of: one side, or both together. */
export const SIDE_SCOPES = [...TRADE_SIDES, 'all'] as const;

/** One of `SIDE_SCOPES`. */
export type SideScope = TradeSide | 'all';
