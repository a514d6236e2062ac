import type { Query, ValueRange } from './panel-definition.js';

/**
 * The load of the proof, chosen so that every panel has a value that can be worked out by hand. Twenty bulk posts a
 * second, each the same ten trades: 6 buys (1, 3, 1, 3, 1, 3) and 4 sells (2, 8, 2, 8). The small ones are of ETH, the large ones of
 * BTC.
 */
export const KNOWN_LOAD = {
  seconds: 24,
  postsPerSecond: 20,
  post: [
    { side: 'buy', qty: 1, symbol: 'ETH', price: 10 },
    { side: 'sell', qty: 2, symbol: 'ETH', price: 10 },
    { side: 'buy', qty: 3, symbol: 'BTC', price: 100 },
    { side: 'sell', qty: 8, symbol: 'BTC', price: 100 },
    { side: 'buy', qty: 1, symbol: 'ETH', price: 12 },
    { side: 'buy', qty: 3, symbol: 'BTC', price: 120 },
    { side: 'sell', qty: 2, symbol: 'ETH', price: 12 },
    { side: 'buy', qty: 1, symbol: 'ETH', price: 12 },
    { side: 'sell', qty: 8, symbol: 'BTC', price: 120 },
    { side: 'buy', qty: 3, symbol: 'BTC', price: 120 },
  ],
  /** Bad inputs pushed to the sidecar, one kind after the other. */
  badInputsPerSecond: 1,
  /** Trades with a wrong side posted to the publisher. */
  badPostsPerSecond: 1,
} as const;

/** Event types beside trades, and what the load posts of them five times a second. */
export const ORDERS_FILE = 'examples/orders.yml';
export const ORDERS = {
  postsPerSecond: 5,
  post: [
    { venue: 'XETR', ms: 4, state: 'filled', fill: 0.5 },
    { venue: 'XPAR', ms: 20, state: 'rejected' },
  ],
} as const;

/** Partitions of the broker in its proof. */
export const PROOF_PARTITIONS = 4;

/** What the load comes to a second. */
export const PER_SECOND = {
  trades: 200,
  buys: 120,
  sells: 80,
  buyVolume: 240,
  sellVolume: 400,
} as const;

/** The volume of one post: as a bucket of VPIN it makes each bucket alike. */
export const POST_VOLUME = 32;

/** What the load comes to by symbol: a second, and of prices. */
export const SYMBOL_LOAD = {
  ETH: { trades: 100, volume: 140, notional: 1560, lastPrice: 12, vwap: 78 / 7 },
  BTC: { trades: 100, volume: 500, notional: 55_600, lastPrice: 120, vwap: 2780 / 25 },
} as const;

/** Around a value, for what only timing makes inexact: pacing, scrapes and the 4 s that a rate looks back. */
export function about(value: number, part = 0.25): ValueRange {
  return [value * (1 - part), value * (1 + part)];
}

/** What the panels of the orders show then; the quantiles lie in the buckets of 4 and of 20 ms. */
export const ORDERS_SHOWN: Readonly<Record<string, Query['expected']>> = {
  'orders_total per second': {
    'XETR filled': about(ORDERS.postsPerSecond),
    'XPAR rejected': about(ORDERS.postsPerSecond),
  },
  'order_latency_seconds: p50 and p99 p50': [0.0025, 0.005],
  'order_latency_seconds: p50 and p99 p99': [0.01, 0.025],
  order_fill_ratio: { XETR: [0.5, 0.5] },
};

/** A total of the whole load, exact. */
export function total(perSecond: number): ValueRange {
  const exact = perSecond * KNOWN_LOAD.seconds;
  return [exact, exact];
}

/** What has come together during the load, looked at anywhere in its second half. */
export function gathered(perSecond: number): ValueRange {
  return [perSecond * KNOWN_LOAD.seconds * 0.4, perSecond * KNOWN_LOAD.seconds];
}

/** Any share of a rate, up to a little more than the whole: for averages over times longer than the load. */
export function upTo(perSecond: number): ValueRange {
  return [perSecond * 0.1, perSecond * 1.25];
}
