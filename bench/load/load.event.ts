/** One trade of the load. Quantities are quarters: sums of them are exact in floating point. */
export interface LoadEvent {
  readonly side: 'buy' | 'sell';
  readonly qty: number;
}

const SIZES = 8;

/** The trade with this index: sides alternate, quantities run from 0.25 to 2. */
export function loadEvent(index: number): LoadEvent {
  return { side: index % 2 === 0 ? 'buy' : 'sell', qty: ((index % SIZES) + 1) / 4 };
}
