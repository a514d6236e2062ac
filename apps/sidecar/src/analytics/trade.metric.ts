import type { TradeEvent } from '@app/contracts';
import type { KeptRows } from '../counting/state/trade-state.js';

/** When trades were received: one time for all that were applied together, by two clocks. */
export interface Receipt {
  /** By the system's clock, in unix epoch seconds: compare it with the `ts` of a trade. It steps when that clock is set. */
  readonly receivedAtSeconds: number;
  /** By a clock that never steps back: the time for windows and for gaps. `ReceiveClock.now()` is the present of it. */
  readonly steadySeconds: number;
}

/** What a metric remembers, as a row of numbers and one of texts. */
export class MemoryWriter {
  readonly texts: string[] = [];
  private values = new Float64Array(1024);
  private length = 0;

  /** @param nowSeconds by the steady clock. Remember times as ages: in the next process that clock has another zero */
  constructor(readonly nowSeconds: number) {}

  get numbers(): Float64Array {
    return this.values.subarray(0, this.length);
  }

  put(...numbers: readonly number[]): void {
    if (this.length + numbers.length > this.values.length) {
      const larger = new Float64Array(2 * (this.length + numbers.length));
      larger.set(this.numbers);
      this.values = larger;
    }
    for (const number of numbers) {
      this.values[this.length] = number;
      this.length += 1;
    }
  }

  putText(text: string): void {
    this.texts.push(text);
  }

  /** Remembers a sparse array: the places of values other than 0, and the values. */
  putCounts(counts: Float64Array): void {
    const places = [...counts.keys()].filter((place) => counts[place] !== 0);
    this.put(places.length);
    for (const place of places) this.put(place, counts[place] ?? 0);
  }
}

/** Reads what a `MemoryWriter` wrote, in the same order. Throws RangeError at the end. */
export class MemoryReader {
  private at = 0;
  private textAt = 0;

  /** @param nowSeconds the moment of the snapshot by the steady clock of this process; ages count back from it */
  constructor(
    readonly nowSeconds: number,
    private readonly numbers: Float64Array,
    private readonly texts: readonly string[],
  ) {}

  next(): number {
    const number = this.numbers[this.at];
    if (number === undefined) throw new RangeError('the snapshot ends too early');
    this.at += 1;
    return number;
  }

  nextText(): string {
    const text = this.texts[this.textAt];
    if (text === undefined) throw new RangeError('the snapshot ends too early');
    this.textAt += 1;
    return text;
  }

  nextCounts(into: Float64Array): void {
    for (let left = this.next(); left > 0; left -= 1) {
      const [place, count] = [this.next(), this.next()];
      if (!(place in into)) throw new RangeError(`the snapshot has a count at ${place}`);
      into[place] = count;
    }
  }
}

/**
 * A family of metrics that follows trades. An implementation creates its Prometheus metrics in its constructor, gets every
 * applied trade, and is listed in `metric-list.ts`: see docs/tutorials/first-metric.md.
 */
export interface TradeMetric {
  /**
   * Its values are of the last minutes only. After a start behind a broker it then gets the trades of the last minutes again. A
   * metric that counts since the start must not set it: the process before counted them.
   */
  readonly isRefilled?: true;

  /** Its counts that continue after a restart, where state is kept. */
  readonly keptRows?: KeptRows;

  /** Writes what it knows of the last minutes for the next process, where state is kept; at most once a second. */
  remember?(memory: MemoryWriter): void;

  /** Restores what `remember` wrote, before the first trade. After an error the metric starts empty, and the log says so. */
  recall?(memory: MemoryReader): void;

  /**
   * Runs on the hot path, once for the trades that were applied together, in their order; at least one. A trade must cost
   * O(1), no allocation and no waiting. After an error the metric gets no more trades, and the log says so.
   */
  apply(trades: readonly Readonly<TradeEvent>[], receipt: Receipt): void;
}
