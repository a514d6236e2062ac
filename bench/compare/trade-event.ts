/** The event of every figure: the trade of the contract. `ts` is on the shared clock of `clock.ts`. */
export interface BenchEvent {
  readonly type: 'trade';
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  /** When the event was due, in milliseconds of the monotonic clock. */
  readonly ts: number;
}

/** The pattern that carries it, as event and as request. */
export const TRADE = 'trade';

/** Makes the event with this running number: every peer gets the same ones. */
export function tradeEvent(index: number, ts: number): BenchEvent {
  return { type: 'trade', side: index % 2 === 0 ? 'buy' : 'sell', qty: (index % 1000) + 0.25, ts };
}
