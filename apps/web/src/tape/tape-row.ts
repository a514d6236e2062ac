import type { TradeFacts } from '../feed/feed-items.js';

/** What is known of one event's way. */
export interface TapeRow extends TradeFacts {
  readonly key: string;
  /** True when it was posted from this page. */
  readonly mine: boolean;
  readonly stage: 'emitted' | 'received' | 'rejected' | 'refused';
  /** From emission to receipt; only when received. */
  readonly latencySeconds?: number;
  /** True when the stream left trades out while this one was under way: its receipt may have been among them. */
  readonly isUnfollowed?: boolean;
  /** True when it was emitted while a broadcast had no subscriber. */
  readonly isDropped?: boolean;
  /** How often the sidecar's memory was searched for it in vain. */
  readonly timesSought?: number;
  /** Why it was rejected by the sidecar or refused by the publisher. */
  readonly reason?: string;
}

/** The status that a row shows. */
export type RowStatus =
  'emitted' | 'received' | 'rejected' | 'refused' | 'dropped' | 'waiting' | 'sampled' | 'unseen';

/** What the status of a row that is under way depends on. */
export interface TapeContext {
  /** True while events wait before the sidecar: it is not connected, or does not answer. */
  readonly isWaiting: boolean;
  /** Unix epoch seconds. */
  readonly nowSeconds: number;
  /** When the sidecar last left trades out of its stream, in unix epoch seconds; 0 when it never did. */
  readonly sampledAtSeconds: number;
  /** True while the sidecar's stream is open: without it nothing can be seen to arrive. */
  readonly watching: boolean;
  /** Since when nothing waits before the sidecar, in unix epoch seconds: events that waited count as late only from then. */
  readonly settledAtSeconds: number;
  /** True when the sidecar's memory could not be asked: a receipt that is missing from the stream means nothing then. */
  readonly isBlind: boolean;
}

/** Longer than a healthy event takes, including the stream's own delay. */
const PATIENCE_SECONDS = 3;
const SAMPLING_MARGIN_SECONDS = 1.5;

/** The same trade on either feed: symbol, side, quantity and microseconds do not coincide by chance. */
export function tapeKey({ symbol = '', side, qty, ts }: TradeFacts): string {
  return `${symbol}|${side}|${qty}|${ts}`;
}

/** Price times quantity; undefined without a price. */
export function notionalOf({ price, qty }: TradeFacts): number | undefined {
  return price === undefined ? undefined : price * qty;
}

/** Says where a row stands now. */
export function statusOf(row: TapeRow, context: TapeContext): RowStatus {
  if (row.stage !== 'emitted') return row.stage;
  if (row.isDropped) return 'dropped';
  if (context.isWaiting) return 'waiting';
  if (Math.abs(row.ts - context.sampledAtSeconds) < SAMPLING_MARGIN_SECONDS) return 'sampled';
  if (row.isUnfollowed) return 'sampled';
  const late = context.nowSeconds - Math.max(row.ts, context.settledAtSeconds) > PATIENCE_SECONDS;
  if (!late || !context.watching) return 'emitted';
  return context.isBlind ? 'sampled' : 'unseen';
}
