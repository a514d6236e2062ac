/** A trade to send. */
export interface Trade {
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  readonly symbol?: string;
  readonly price?: number;
}

const SIZES = 16;

/**
 * A fixed mix of sides and sizes. Sizes are quarters, so that sums are exact in whatever order they are added.
 */
export function tradeMix(count: number): Trade[] {
  return Array.from({ length: count }, (_, index) => ({
    side: index % 3 === 0 ? 'sell' : 'buy',
    qty: ((index * 7) % SIZES) / 4,
  }));
}

/** What the sidecar must show for these trades, added up in their order. */
export function expectedTotals(trades: readonly Trade[]): {
  buy: number;
  sell: number;
  buyVolume: number;
  sellVolume: number;
} {
  const of = (side: Trade['side']): Trade[] => trades.filter((trade) => trade.side === side);
  const sum = (side: Trade['side']): number => of(side).reduce((total, { qty }) => total + qty, 0);
  return { buy: of('buy').length, sell: of('sell').length, buyVolume: sum('buy'), sellVolume: sum('sell') };
}
