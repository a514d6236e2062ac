import type { RejectionReason } from '@app/contracts';
import type { LetterContent } from './letter.content.js';

/** An input that was not applied, as it comes in. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** One sentence for people. */
  readonly detail: string;
  /** The decoded value, or the bytes that could not be decoded. */
  readonly content: unknown;
  /** Unix epoch seconds. */
  readonly receivedAtSeconds: number;
}

/** A rejected input as it is kept: small, bounded, and printable. */
export interface DeadLetter extends LetterContent {
  /** Unique across restarts. */
  readonly id: string;
  readonly reason: RejectionReason;
  readonly detail: string;
  /** Unix epoch seconds. */
  readonly receivedAtSeconds: number;
  /** When it was sent again and applied, in unix epoch seconds; absent until then. */
  readonly replayedAtSeconds?: number;
}

/** A letter with its place in the order of rejection; numbers go on after a restart where state is kept. */
export interface NumberedLetter {
  readonly number: number;
  readonly letter: DeadLetter;
}
