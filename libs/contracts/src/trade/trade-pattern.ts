/** The Nest pattern of a trade, and the value of the wire field `type`. */
export const TRADE_PATTERN = 'trade';

/** Every side a trade can have; the closed value set of the metric label `side`. */
export const TRADE_SIDES = ['buy', 'sell'] as const;

/** `'buy'` or `'sell'`. */
export type TradeSide = (typeof TRADE_SIDES)[number];
