/** One trade to send, and when. */
export interface PlannedTrade {
  /** Seconds from the run's start; never less than that of the trade before. */
  readonly dueSeconds: number;
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  readonly symbol?: string;
  readonly price?: number;
}

/**
 * What a run sends. Only the options and the seed fix it, never an answer: that makes the load open-loop. Trades are made as
 * they are needed, so that the length of a run costs no memory.
 */
export interface TradePlan {
  /** For people: the arrivals in a few words. */
  readonly description: string;
  /** Events a second to expect, on average. */
  readonly ratePerSecond: number;
  readonly durationSeconds: number;
  readonly trades: Iterable<PlannedTrade>;
}
