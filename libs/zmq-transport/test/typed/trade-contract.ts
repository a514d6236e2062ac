/** A payload of the contract below. */
export interface Trade {
  side: 'buy' | 'sell';
  qty: number;
}

/** What the tests of this folder send and answer. */
export interface Contract {
  events: { trade: Trade; quote: { bid: number } };
  requests: {
    sum: { request: number[]; response: number };
    count: { request: { to: number }; response: number };
  };
}
