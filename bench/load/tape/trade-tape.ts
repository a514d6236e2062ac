import type { TapeRow } from './tape-row.js';

const FIRST_CAPACITY = 4096;

/** Recorded trades, in columns: 17 bytes each, so that a day of a busy market fits into memory. */
export class TradeTape {
  /** Trades whose time is before that of the previous trade: they are replayed together with it. */
  outOfOrder = 0;
  private length = 0;
  private startSeconds = 0;
  private offsets = new Float64Array(FIRST_CAPACITY);
  private quantities = new Float64Array(FIRST_CAPACITY);
  private sells = new Uint8Array(FIRST_CAPACITY);

  get count(): number {
    return this.length;
  }

  /** From the first trade to the last. */
  get spanSeconds(): number {
    return this.offsets[this.length - 1] ?? 0;
  }

  add({ seconds, qty, side }: TapeRow): void {
    if (this.length === this.offsets.length) this.grow();
    if (this.length === 0) this.startSeconds = seconds;
    const offset = seconds - this.startSeconds;
    const earliest = this.spanSeconds;
    if (offset < earliest) this.outOfOrder += 1;
    this.offsets[this.length] = Math.max(offset, earliest);
    this.quantities[this.length] = qty;
    this.sells[this.length] = side === 'sell' ? 1 : 0;
    this.length += 1;
  }

  /** The trade with this index; `seconds` counts from the first trade. */
  at(index: number): TapeRow {
    return {
      seconds: this.offsets[index] ?? 0,
      qty: this.quantities[index] ?? 0,
      side: this.sells[index] === 1 ? 'sell' : 'buy',
    };
  }

  private grow(): void {
    const capacity = this.length * 2;
    const grown = [new Float64Array(capacity), new Float64Array(capacity), new Uint8Array(capacity)] as const;
    grown[0].set(this.offsets);
    grown[1].set(this.quantities);
    grown[2].set(this.sells);
    [this.offsets, this.quantities, this.sells] = grown;
  }
}
