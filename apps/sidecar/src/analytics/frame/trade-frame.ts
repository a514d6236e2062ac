import { setImmediate as nextTurn } from 'node:timers/promises';
import { OTHER_SYMBOL, type TradeEvent, type TradeSide } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { SidecarConfig } from '../../config/sidecar.config.js';
import type { Receipt, TradeMetric } from '../trade.metric.js';

/** Bytes that a row takes in the columns of a `TradeFrame`. */
export const ROW_BYTES = 43;

/** Different symbols that the rows of a frame can have; rows of more have `OTHER_SYMBOL`. */
const MAX_SYMBOLS = 2 ** 16 - 1;
/** Rows between two searches for symbols that no row has any more: a search reads all rows. */
const SWEEP_ROWS = 2 ** 15;

/**
 * The newest trades as a data frame: one typed array a column, a fixed number of rows, the oldest overwritten first. A row
 * keeps its number; rows are in the order of receipt.
 */
export class TradeFrame implements TradeMetric {
  readonly isRefilled = true;
  private readonly sells: Uint8Array;
  private readonly quantities: Float64Array;
  private readonly times: Float64Array;
  private readonly receipts: Float64Array;
  private readonly steadies: Float64Array;
  /** NaN without a price. */
  private readonly prices: Float64Array;
  /** Places in `names`; 0 without a symbol. */
  private readonly symbols: Uint16Array;
  private readonly names: (string | undefined)[] = [undefined];
  private readonly numbers = new Map<string, number>();
  /** Places in `names` whose symbol no row has any more. */
  private readonly free: number[] = [];
  private nextSweep = 0;
  private count = 0;

  /** @param capacity most rows that are kept; 0 keeps none. */
  constructor(private readonly capacity: number) {
    this.sells = new Uint8Array(capacity);
    this.quantities = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.receipts = new Float64Array(capacity);
    this.steadies = new Float64Array(capacity);
    this.prices = new Float64Array(capacity);
    this.symbols = new Uint16Array(capacity);
  }

  /** The number of the oldest row that is still there. */
  get first(): number {
    return Math.max(0, this.count - this.capacity);
  }

  /** The number that the next row will get. */
  get end(): number {
    return this.count;
  }

  apply(trades: readonly Readonly<TradeEvent>[], { receivedAtSeconds, steadySeconds }: Receipt): void {
    let slot = this.count % this.capacity;
    for (const { side, qty, ts, symbol, price } of trades) {
      this.sells[slot] = side === 'sell' ? 1 : 0;
      this.quantities[slot] = qty;
      this.times[slot] = ts;
      this.receipts[slot] = receivedAtSeconds;
      this.steadies[slot] = steadySeconds;
      this.prices[slot] = price ?? Number.NaN;
      this.symbols[slot] = typeof symbol === 'string' ? this.numberOf(symbol) : 0;
      slot = slot + 1 === this.capacity ? 0 : slot + 1;
    }
    this.count += trades.length;
  }

  /** Only rows from `first` to before `end` are there: this holds for all columns. */
  sideAt(row: number): TradeSide {
    return this.sells[row % this.capacity] === 1 ? 'sell' : 'buy';
  }

  /** The trade's quantity. */
  qtyAt(row: number): number {
    return this.quantities[row % this.capacity] ?? Number.NaN;
  }

  /** The trade's own time: unix epoch seconds. */
  tsAt(row: number): number {
    return this.times[row % this.capacity] ?? Number.NaN;
  }

  /** The price of one unit; NaN for a trade without one. */
  priceAt(row: number): number {
    return this.prices[row % this.capacity] ?? Number.NaN;
  }

  /** What was traded; undefined for a trade without a symbol. */
  symbolAt(row: number): string | undefined {
    return this.names[this.symbols[row % this.capacity] ?? 0];
  }

  /** When it was received by the system's clock: unix epoch seconds. */
  receivedAt(row: number): number {
    return this.receipts[row % this.capacity] ?? Number.NaN;
  }

  /** When it was received by the steady clock, in the order of rows. */
  steadyAt(row: number): number {
    return this.steadies[row % this.capacity] ?? Number.NaN;
  }

  private numberOf(symbol: string): number {
    const known = this.numbers.get(symbol);
    if (known !== undefined) return known;
    const isFull = this.free.length === 0 && this.names.length >= MAX_SYMBOLS;
    if (isFull && symbol !== OTHER_SYMBOL) {
      if (this.count < this.nextSweep) return this.numberOf(OTHER_SYMBOL);
      this.sweep();
      return this.numberOf(symbol);
    }
    const number = this.free.pop() ?? this.names.length;
    this.names[number] = symbol;
    this.numbers.set(symbol, number);
    return number;
  }

  /** Makes the places free of symbols that no row has any more. */
  private sweep(): void {
    this.nextSweep = this.count + SWEEP_ROWS;
    const isUsed = new Uint8Array(MAX_SYMBOLS + 1);
    for (const number of this.symbols) isUsed[number] = 1;
    for (const [symbol, number] of this.numbers) {
      if (isUsed[number] === 1 || symbol === OTHER_SYMBOL) continue;
      this.numbers.delete(symbol);
      this.names[number] = undefined;
      this.free.push(number);
    }
  }

  /** The first row received at this steady time or later; `end` when there is none. O(log n). */
  firstSince(steadySeconds: number): number {
    let [low, high] = [this.first, this.end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.steadyAt(middle) < steadySeconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The frame of this sidecar. Rows that no trade has reached yet take no memory. */
@Injectable()
export class RecentTrades extends TradeFrame {
  constructor(config: SidecarConfig) {
    super(config.ANALYTICS_FRAME_ROWS);
  }
}

/** Rows visited in one turn of the event loop: about a millisecond of work. */
const ROWS_PER_TURN = 16_384;

/** Splits long work into slices: one slice a turn of the event loop, for all work under way together. */
@Injectable()
export class TurnQueue {
  private last: Promise<void> = Promise.resolve();

  /** Resolves in a turn of its own. Do one slice of work then, without waiting in it. */
  next(): Promise<void> {
    this.last = this.last.then(() => nextTurn());
    return this.last;
  }
}

/** The rows of a question, and whether they are all that was received in its time. */
export interface FrameScan {
  /** Rows visited. */
  readonly rows: number;
  /** False when the frame no longer has all trades of the time asked for. */
  readonly complete: boolean;
}

/**
 * Gives `visit` the rows received since a time, oldest first, up to the newest at the call. Trades keep coming in between
 * the slices. The scan skips rows that they overwrite before its visit, and is not complete then. It ends early when
 * `isWanted` says that nobody waits for it any more.
 */
export async function scanFrame(
  frame: TradeFrame,
  turns: TurnQueue,
  sinceSeconds: number,
  visit: (row: number) => void,
  isWanted: () => boolean = () => true,
): Promise<FrameScan> {
  const end = frame.end;
  let row = frame.firstSince(sinceSeconds);
  // When the oldest row belongs to that time, rows before it may have belonged to it as well.
  let complete = frame.first === 0 || row > frame.first;
  let rows = 0;
  while (row < end) {
    await turns.next();
    // The client has left: nobody reads what was found so far.
    if (!isWanted()) return { rows, complete: false };
    if (frame.first > row) {
      row = frame.first;
      complete = false;
    }
    const sliceEnd = Math.min(end, row + ROWS_PER_TURN);
    rows += Math.max(0, sliceEnd - row);
    for (; row < sliceEnd; row += 1) visit(row);
  }
  return { rows, complete };
}
