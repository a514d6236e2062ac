import type { Receipt, TradeFacts } from '../feed/feed-items.js';
import { tapeKey, type TapeRow } from './tape-row.js';

/** The facts of a trade, and nothing else of its message. */
function factsOf({ side, qty, ts, symbol, price }: TradeFacts): TradeFacts {
  return { side, qty, ts, ...(symbol !== undefined && { symbol }), ...(price !== undefined && { price }) };
}

/** What is known of an event when it is emitted. */
interface Emission {
  /** Whether it was posted from this page. */
  readonly mine: boolean;
  /** Whether it was emitted while a broadcast had no subscriber. */
  readonly isDropped?: boolean;
}

/** A receipt that the sidecar's memory lacked this many times will not come. */
const MOST_TIMES_SOUGHT = 3;

/** The newest events and the outcome of each: bounded, and joined from both feeds. */
export class Tape {
  private rows = new Map<string, TapeRow>();

  /** @param capacity rows that are kept */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.rows.size;
  }

  /** Newest first. */
  newest(): TapeRow[] {
    return [...this.rows.values()].toSorted((a, b) => b.ts - a.ts);
  }

  /** The publisher accepted an event. Reported twice (by the answer to a click and by the feed), it is still one row. */
  emitted(trade: TradeFacts, { mine, isDropped }: Emission): void {
    const key = tapeKey(trade);
    const known = this.rows.get(key);
    if (known) {
      if (mine && !known.mine) this.put({ ...known, mine });
      return;
    }
    this.put({ ...factsOf(trade), key, mine, stage: 'emitted', ...(isDropped && { isDropped }) });
  }

  /** The event arrived; an event of another producer gets its row here. */
  received(receipt: Receipt): void {
    const key = tapeKey(receipt);
    const mine = this.rows.get(key)?.mine ?? false;
    this.put({ ...factsOf(receipt), key, mine, stage: 'received', latencySeconds: receipt.latencySeconds });
  }

  /**
   * The time of the oldest event under way whose receipt is worth asking for, in unix epoch seconds; undefined when
   * there is none.
   */
  get oldestSoughtSeconds(): number | undefined {
    let oldest: number | undefined;
    for (const { stage, ts, isDropped, timesSought = 0 } of this.rows.values()) {
      const isSought = stage === 'emitted' && !isDropped && timesSought < MOST_TIMES_SOUGHT;
      if (isSought && (oldest === undefined || ts < oldest)) oldest = ts;
    }
    return oldest;
  }

  /** The sidecar's memory was searched for events emitted until then, and had no more than was reported here. */
  soughtUpTo(nowSeconds: number): void {
    for (const row of this.rows.values()) {
      if (row.stage !== 'emitted' || row.ts > nowSeconds) continue;
      this.put({ ...row, timesSought: (row.timesSought ?? 0) + 1 });
    }
  }

  /** The stream left receipts out: any row under way may be among them. */
  loseSight(): void {
    for (const row of this.rows.values()) {
      if (row.stage === 'emitted') this.put({ ...row, isUnfollowed: true });
    }
  }

  /** The event had arrived unseen; only events that are on the tape are completed. */
  receivedMeanwhile(receipt: Receipt): void {
    if (this.rows.get(tapeKey(receipt))?.stage === 'emitted') this.received(receipt);
  }

  /** The sidecar did not take it; only events that are on the tape are marked. */
  rejected(trade: TradeFacts, reason: string): void {
    const row = this.rows.get(tapeKey(trade));
    if (row) this.put({ ...row, stage: 'rejected', reason });
  }

  /** The publisher did not take it: it was never emitted. */
  refused(trade: TradeFacts, reason: string): void {
    this.put({ ...trade, key: `refused|${tapeKey(trade)}`, mine: true, stage: 'refused', reason });
  }

  clear(): void {
    this.rows = new Map();
  }

  private put(row: TapeRow): void {
    this.rows.set(row.key, row);
    if (this.rows.size <= this.capacity) return;
    const oldest = this.rows.keys().next().value;
    if (oldest !== undefined) this.rows.delete(oldest);
  }
}
