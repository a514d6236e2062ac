import type { DeadLetter } from './dead-letter.js';

/** What a letter costs beyond its own characters: its objects and numbers, roughly. */
const LETTER_OVERHEAD_BYTES = 256;

/** Bounds of what is kept. */
export interface DeadLetterLimits {
  /** 0 keeps nothing. */
  readonly maxCount: number;
  /** Bytes of all letters together; 0 keeps nothing. */
  readonly maxBytes: number;
}

/** The newest dead letters, bounded in count and bytes; the oldest give way. */
export class DeadLetterRing {
  /** A Map keeps the order of insertion and finds a letter by its id. */
  private readonly letters = new Map<string, DeadLetter>();
  private heldBytes = 0;

  constructor(private readonly limits: DeadLetterLimits) {}

  /** Letters held now. */
  get size(): number {
    return this.letters.size;
  }

  /** Estimated bytes held now. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** Keeps a letter, and lets go of the oldest until both bounds hold again. */
  add(letter: DeadLetter): void {
    this.letters.set(letter.id, letter);
    this.heldBytes += sizeOf(letter);
    for (const [id, oldest] of this.letters) {
      if (this.letters.size <= this.limits.maxCount && this.heldBytes <= this.limits.maxBytes) return;
      this.letters.delete(id);
      this.heldBytes -= sizeOf(oldest);
    }
  }

  /** At most `limit` letters, newest first. */
  newest(limit: number): DeadLetter[] {
    return [...this.letters.values()].slice(-limit).toReversed();
  }
}

function sizeOf(letter: DeadLetter): number {
  // Two bytes a character is the most V8 takes.
  return LETTER_OVERHEAD_BYTES + 2 * (letter.content.length + letter.detail.length);
}
