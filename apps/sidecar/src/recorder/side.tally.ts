import type { Counter } from 'prom-client';

/** The running totals of one side, beside their Prometheus counters. */
export class SideTally {
  /** Trades applied. */
  trades = 0;
  /** Sum of their quantities; always finite. */
  volume = 0;

  constructor(
    private readonly tradesCounter: Counter.Internal,
    private readonly volumeCounter: Counter.Internal,
  ) {
    // Both sides exist at 0 from the start: a rate needs a first sample to start from.
    tradesCounter.inc(0);
    volumeCounter.inc(0);
  }

  /** Goes on from what an earlier process counted. */
  restore({ trades, volume }: Readonly<{ trades: number; volume: number }>): void {
    this.trades += trades;
    this.volume += volume;
    this.tradesCounter.inc(trades);
    this.volumeCounter.inc(volume);
  }

  /** Adds one trade; false, and nothing changed, when the volume would not be finite any more. */
  add(qty: number): boolean {
    const volume = this.volume + qty;
    if (!Number.isFinite(volume)) return false;
    this.trades += 1;
    this.volume = volume;
    this.tradesCounter.inc(1);
    this.volumeCounter.inc(qty);
    return true;
  }
}
