import type { TapeRow } from './tape-row.js';

const FIRST_CAPACITY = 4096;

/** Recorded trades, in columns: 29 bytes each, so that a day of a busy market fits into memory. */
export class TradeTape {
  /** Trades whose time is before that of the previous trade: they are replayed together with it. */
  outOfOrder = 0;
  private length = 0;
  private startSeconds = 0;
  private offsets = new Float64Array(FIRST_CAPACITY);
  private quantities = new Float64Array(FIRST_CAPACITY);
  private sells = new Uint8Array(FIRST_CAPACITY);
  /** NaN: none. */
  private prices = new Float64Array(FIRST_CAPACITY);
  /** Positions in `names`, from 1; 0: none. */
  private symbols = new Uint32Array(FIRST_CAPACITY);
  private readonly names: string[] = [];
  private readonly positions = new Map<string, number>();

  get count(): number {
    return this.length;
  }

  /** From the first trade to the last. */
  get spanSeconds(): number {
    return this.offsets[this.length - 1] ?? 0;
  }

  add({ seconds, qty, side, symbol, price }: TapeRow): void {
    if (this.length === this.offsets.length) this.grow();
    if (this.length === 0) this.startSeconds = seconds;
    const offset = seconds - this.startSeconds;
    const earliest = this.spanSeconds;
    if (offset < earliest) this.outOfOrder += 1;
    this.offsets[this.length] = Math.max(offset, earliest);
    this.quantities[this.length] = qty;
    this.sells[this.length] = side === 'sell' ? 1 : 0;
    this.prices[this.length] = price ?? Number.NaN;
    this.symbols[this.length] = symbol === undefined ? 0 : this.positionOf(symbol);
    this.length += 1;
  }

  /** The trade with this index; `seconds` counts from the first trade. */
  at(index: number): TapeRow {
    const price = this.prices[index] ?? Number.NaN;
    const symbol = this.names[(this.symbols[index] ?? 0) - 1];
    return {
      seconds: this.offsets[index] ?? 0,
      qty: this.quantities[index] ?? 0,
      side: this.sells[index] === 1 ? 'sell' : 'buy',
      ...(symbol !== undefined && { symbol }),
      ...(!Number.isNaN(price) && { price }),
    };
  }

  private positionOf(symbol: string): number {
    const known = this.positions.get(symbol);
    if (known !== undefined) return known;
    const position = this.names.push(symbol);
    this.positions.set(symbol, position);
    return position;
  }

  private grow(): void {
    const capacity = this.length * 2;
    const { offsets, quantities, sells, prices, symbols } = this;
    this.offsets = new Float64Array(capacity);
    this.quantities = new Float64Array(capacity);
    this.sells = new Uint8Array(capacity);
    this.prices = new Float64Array(capacity);
    this.symbols = new Uint32Array(capacity);
    this.offsets.set(offsets);
    this.quantities.set(quantities);
    this.sells.set(sells);
    this.prices.set(prices);
    this.symbols.set(symbols);
  }
}
