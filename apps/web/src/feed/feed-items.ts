/** A trade's side. */
export type Side = 'buy' | 'sell';

/** Both, in the order they are shown in. */
export const SIDES: readonly Side[] = ['buy', 'sell'];

/** What every trade says of itself. */
export interface TradeFacts {
  readonly side: Side;
  readonly qty: number;
  /** Unix epoch seconds. */
  readonly ts: number;
  readonly symbol?: string | undefined;
  readonly price?: number | undefined;
}

/** A trade as the publisher emitted it. */
export interface Trade extends TradeFacts {
  readonly type: 'trade';
}

/** The publisher's link to the sidecar or the NATS broker, as `/events` tells it. */
export interface LinkReport {
  readonly type: 'link';
  readonly state: string;
  /** `at-most-once`, `acknowledged` or `durable`. */
  readonly delivery?: string;
  /** Over ZeroMQ: `push-pull`, `pub-sub` or `dealer-router`. */
  readonly pair?: string;
  /** Over NATS: the stream that the broker stores the events in. */
  readonly stream?: string;
  /** Events that wait; unless `delivery` is `at-most-once`, until they are acknowledged. */
  readonly queued: number;
  readonly notice?: string;
}

/** One element of the arrays that `/events` sends. */
export type PublisherItem = Trade | LinkReport;

/** A trade as the sidecar received it. */
export interface Receipt extends TradeFacts {
  readonly kind: 'trade';
  readonly receivedAtSeconds: number;
  /** Negative when the clocks differ. */
  readonly latencySeconds: number;
}

/** Trades and volume by side since the sidecar started. */
export type Totals = Readonly<Record<Side, { readonly trades: number; readonly volume: number }>>;

/** Where the sidecar stands. */
export interface TotalsItem {
  readonly kind: 'totals';
  readonly totals: Totals;
  readonly rejected: number;
  /** Trades that were counted and are not in the stream, since the totals before. */
  readonly leftOut: number;
}

/** One element of the arrays that `/stream` sends; kinds that this page does not know are passed over. */
export type SidecarItem = Receipt | TotalsItem | { readonly kind: 'statistics' };
