/** What the id of a trade tells about it: it is the newest one, one that was missing until now, or one that came already. */
export type SequenceVerdict = 'next' | 'late' | 'duplicate';

interface Hole {
  from: number;
  /** Included. */
  to: number;
}

/** Older holes are forgotten: their trades stay missing, and one that comes after all counts as a duplicate. */
const MAX_HOLES = 256;
/** A trade from just before the first one that came may come late, too. */
const MARGIN = 1000;

/**
 * Which trades of one symbol have come, by their ids, which count without a gap. Memory is bounded, whatever ids come; no trade is
 * ever taken twice.
 */
export class TradeSequence {
  /** Trades that have not come, from the first one that came to the newest one that is known. */
  missing = 0;
  /** The holes in what has come, ascending. */
  private readonly holes: Hole[] = [];
  private first: number | undefined;
  private newest = -1;

  /** Whether any id is known. */
  get isBegun(): boolean {
    return this.first !== undefined;
  }

  /** A trade has come. */
  take(id: number): SequenceVerdict {
    if (this.first === undefined) this.begin(id);
    else if (id <= this.newest) return this.fill(id) ? 'late' : 'duplicate';
    this.reach(id - 1);
    this.newest = id;
    return 'next';
  }

  /** The newest trade has this id: it and those before it should have come. */
  mark(id: number): void {
    if (this.first === undefined) {
      this.begin(id + 1);
      this.newest = id;
    } else this.reach(id);
  }

  private begin(id: number): void {
    this.first = id;
    this.newest = id - 1;
    if (id > 0) this.holes.push({ from: Math.max(0, id - MARGIN), to: id - 1 });
  }

  /** All up to `id` is known to exist. */
  private reach(id: number): void {
    if (id <= this.newest) return;
    this.holes.push({ from: this.newest + 1, to: id });
    this.missing += id - this.newest;
    this.newest = id;
    if (this.holes.length > MAX_HOLES) this.holes.shift();
  }

  /** @returns false when `id` is in no hole */
  private fill(id: number): boolean {
    const at = this.holes.findIndex(({ from, to }) => from <= id && id <= to);
    const hole = this.holes[at];
    if (hole === undefined) return false;
    const parts = [
      { from: hole.from, to: id - 1 },
      { from: id + 1, to: hole.to },
    ].filter(({ from, to }) => from <= to);
    this.holes.splice(at, 1, ...parts);
    if (this.holes.length > MAX_HOLES) this.holes.shift();
    if (id >= (this.first ?? 0)) this.missing -= 1;
    return true;
  }
}
