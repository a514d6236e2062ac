/** The running totals of one side. Its counters read them when Prometheus asks. */
export class SideTally {
  /** Trades applied. */
  trades = 0;
  /** Sum of their quantities; always finite. */
  volume = 0;

  /** Goes on from what an earlier process counted. */
  restore({ trades, volume }: Readonly<{ trades: number; volume: number }>): void {
    this.trades += trades;
    this.volume += volume;
  }

  /** Adds one trade; false, and nothing changed, when the volume would not be finite any more. */
  add(qty: number): boolean {
    const volume = this.volume + qty;
    if (!Number.isFinite(volume)) return false;
    this.trades += 1;
    this.volume = volume;
    return true;
  }
}
