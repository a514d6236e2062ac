import type { NumberedLetter as Numbered } from '../../counting/state/state-record.js';
import type { DeadLetter } from './dead-letter.js';

type NumberedLetter = Numbered<DeadLetter>;

/** What a letter costs beyond its characters: its objects and numbers, roughly. */
const LETTER_OVERHEAD_BYTES = 256;

/** Bounds of what is kept. */
export interface DeadLetterLimits {
  /** 0 keeps nothing. */
  readonly maxCount: number;
  /** Bytes of all letters together; 0 keeps nothing. */
  readonly maxBytes: number;
}

/** The newest dead letters, bounded in count and bytes; the oldest are dropped. */
export class DeadLetterRing {
  /** A Map keeps the order of insertion and finds a letter by its id. */
  private readonly letters = new Map<string, NumberedLetter>();
  /** Letters that changed since `takeChanged`; never more than are held. */
  private readonly changed = new Map<number, DeadLetter>();
  private heldBytes = 0;
  private nextNumber = 1;

  constructor(private readonly limits: DeadLetterLimits) {}

  /** Letters held now. */
  get size(): number {
    return this.letters.size;
  }

  /** Estimated bytes held now. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** The number of the oldest letter held; of the next one while there is none. */
  get firstNumber(): number {
    const [first] = this.letters.values();
    return first?.number ?? this.nextNumber;
  }

  /** Keeps a letter, and drops the oldest until both bounds hold again. */
  add(letter: DeadLetter): void {
    this.changed.set(this.nextNumber, letter);
    this.insert({ number: this.nextNumber, letter });
  }

  /** Keeps the letters of an earlier process, oldest first, as far as the bounds allow. Call it before the first `add`. */
  restore(kept: readonly NumberedLetter[]): void {
    for (const numbered of kept) this.insert(numbered);
  }

  /** The letter of this id, if it is held. */
  find(id: string): NumberedLetter | undefined {
    return this.letters.get(id);
  }

  /** Shows on a letter that it was replayed; undefined when it is not held. */
  markReplayed(id: string, replayedAtSeconds: number): NumberedLetter | undefined {
    const found = this.letters.get(id);
    if (found === undefined) return undefined;
    const marked = { number: found.number, letter: { ...found.letter, replayedAtSeconds } };
    this.letters.set(id, marked);
    this.changed.set(marked.number, marked.letter);
    return marked;
  }

  /** The letters that are new or were marked since the last call, for the state on disk. */
  takeChanged(): NumberedLetter[] {
    const taken = [...this.changed].map(([number, letter]) => ({ number, letter }));
    this.changed.clear();
    return taken;
  }

  /** At most `limit` letters, newest first. */
  newest(limit: number): DeadLetter[] {
    return [...this.letters.values()]
      .slice(-limit)
      .map(({ letter }) => letter)
      .toReversed();
  }

  private insert(numbered: NumberedLetter): void {
    this.nextNumber = numbered.number + 1;
    this.letters.set(numbered.letter.id, numbered);
    this.heldBytes += sizeOf(numbered.letter);
    for (const [id, oldest] of this.letters) {
      if (this.letters.size <= this.limits.maxCount && this.heldBytes <= this.limits.maxBytes) return;
      this.letters.delete(id);
      this.changed.delete(oldest.number);
      this.heldBytes -= sizeOf(oldest.letter);
    }
  }
}

function sizeOf(letter: DeadLetter): number {
  // Two bytes a character is the most V8 takes.
  return LETTER_OVERHEAD_BYTES + 2 * (letter.content.length + letter.detail.length);
}
