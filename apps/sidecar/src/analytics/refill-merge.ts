import type { TradeEvent } from '@app/contracts';

/** Trades that were received together. */
interface ReceivedTrades {
  readonly trades: readonly Readonly<TradeEvent>[];
  readonly receivedAtSeconds: number;
}

/** The next trades of a partition; it sends more once they are taken. */
interface Head extends ReceivedTrades {
  /** @param isOpen whether the partition may give more */
  readonly taken: (isOpen: boolean) => void;
}

type TradesTarget = (trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number) => void;

/** What a refill is made of. */
export interface RefillMergeOptions {
  /** The partitions that are read again; none: live trades pass at once. */
  readonly partitions: readonly number[];
  /** Gets the trades from before the start, in the order of their receipt. */
  readonly onRefill: TradesTarget;
  /** Gets the trades that come in now, after all of those. */
  readonly onLive: TradesTarget;
  /** A partition that gives nothing for this long is left out. */
  readonly patienceMs: number;
  /** Most live trades that wait; with more, the refill ends early. */
  readonly maxLiveTrades: number;
}

/**
 * Brings the trades from before the start into one order, because time in a window only goes forward. Each partition gives its own in
 * order, one message at a time, so memory is bounded however much is read. Live trades wait until it is over.
 */
export class RefillMerge {
  private readonly heads = new Map<number, Head>();
  private readonly open: Set<number>;
  private live: ReceivedTrades[] = [];
  private liveTrades = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RefillMergeOptions) {
    this.open = new Set(options.partitions);
  }

  /**
   * Takes trades from before the start.
   * @returns whether the partition may give the next ones, which waits for this
   */
  refill(
    partition: number,
    trades: readonly Readonly<TradeEvent>[],
    receivedAtSeconds: number,
  ): Promise<boolean> | boolean {
    // Too late: newer trades are in the windows already.
    if (!this.open.has(partition)) return false;
    return new Promise((taken) => {
      this.heads.set(partition, { trades, receivedAtSeconds, taken });
      this.advance();
    });
  }

  /** The partition gives no more. */
  refilled(partition: number): void {
    if (this.open.delete(partition)) this.advance();
  }

  /** Takes trades that come in now. */
  add(trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number): void {
    if (this.open.size === 0) {
      this.options.onLive(trades, receivedAtSeconds);
      return;
    }
    this.live.push({ trades, receivedAtSeconds });
    this.liveTrades += trades.length;
    if (this.liveTrades > this.options.maxLiveTrades) this.end();
    else this.timer ??= this.startTimer();
  }

  private advance(): void {
    for (let next = this.oldest(); next !== undefined; next = this.oldest()) {
      const [partition, { trades, receivedAtSeconds, taken }] = next;
      this.heads.delete(partition);
      this.options.onRefill(trades, receivedAtSeconds);
      this.timer?.refresh();
      taken(true);
    }
    if (this.open.size === 0) this.end();
    else this.timer ??= this.startTimer();
  }

  /** Undefined while one of the partitions may still give an older one. */
  private oldest(): [number, Head] | undefined {
    if (this.heads.size < this.open.size) return undefined;
    let found: [number, Head] | undefined;
    for (const entry of this.heads) {
      if (found === undefined || entry[1].receivedAtSeconds < found[1].receivedAtSeconds) found = entry;
    }
    return found;
  }

  private startTimer(): NodeJS.Timeout {
    return setTimeout(() => this.leaveOutSilent(), this.options.patienceMs).unref();
  }

  private leaveOutSilent(): void {
    for (const partition of this.open) if (!this.heads.has(partition)) this.open.delete(partition);
    this.timer = undefined;
    this.advance();
  }

  /** Ends the refill: what partitions refill from now on comes too late. */
  private end(): void {
    clearTimeout(this.timer);
    this.open.clear();
    for (const { taken } of this.heads.values()) taken(false);
    this.heads.clear();
    const { live } = this;
    this.live = [];
    for (const { trades, receivedAtSeconds } of live) this.options.onLive(trades, receivedAtSeconds);
  }
}
