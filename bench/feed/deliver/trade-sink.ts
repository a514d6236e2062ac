/** A trade of the feed, as the contract has it without its `type`. */
export interface FeedTrade {
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  /** Unix epoch seconds: the exchange's time, or that of its reception. */
  readonly ts: number;
  readonly symbol: string;
  readonly price: number;
}

/** Trades that travel together. */
export interface TradeBatch {
  /** Names it: a batch that may have been taken and is sent again counts once. */
  readonly key: string;
  readonly trades: readonly FeedTrade[];
}

/** What became of a batch. */
export type SinkOutcome =
  /** `left` were not taken for want of room, and are to be sent again after `waitMs`. */
  | {
      readonly kind: 'done';
      readonly accepted: number;
      readonly refused: Readonly<Record<string, number>>;
      readonly left: readonly FeedTrade[];
      readonly waitMs: number;
    }
  /** It is not known that any was taken: the same batch is to be sent again. `waitMs` is what the other side asks for, or 0. */
  | { readonly kind: 'later'; readonly waitMs: number; readonly why: string }
  /** There are too many trades in it. */
  | { readonly kind: 'too_large' }
  /** Nothing will be taken, whatever is sent. */
  | { readonly kind: 'never'; readonly why: string };

/** Where trades go. */
export interface TradeSink {
  /** For people. */
  readonly address: string;
  /** Never rejects. `signal` ends it early, with `later`. */
  send(batch: TradeBatch, signal: AbortSignal): Promise<SinkOutcome>;
  close(): void;
}
