import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import type { RejectionReason } from '@app/contracts';

/** Most bytes of one input that are kept: enough to recognise it, too few to fill the memory with. */
export const MAX_CONTENT_BYTES = 4096;

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

/** What is kept of an input. */
export interface LetterContent {
  readonly content: string;
  /** `json`: a decoded value written as JSON again. `text`: bytes that are UTF-8. `base64`: any other bytes. */
  readonly encoding: 'json' | 'text' | 'base64';
  /** Size of the whole input in this form, in bytes. */
  readonly contentBytes: number;
  /** True when `content` is only the beginning. */
  readonly truncated: boolean;
}

/** A rejected input as it is kept: small, bounded, and printable. */
export interface DeadLetter extends LetterContent {
  /** Unique across restarts. */
  readonly id: string;
  readonly reason: RejectionReason;
  readonly detail: string;
  /** Unix epoch seconds. */
  readonly receivedAtSeconds: number;
  /** When it was replayed and applied, in unix epoch seconds; absent until then. */
  readonly replayedAtSeconds?: number;
}

/** Turns any input into at most `MAX_CONTENT_BYTES` bytes of printable content. Never throws. */
export function describeContent(input: unknown): LetterContent {
  if (!(input instanceof Uint8Array)) return cut(Buffer.from(toJson(input)), 'json');
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  return cut(bytes, isUtf8(bytes) ? 'text' : 'base64');
}

function cut(bytes: Buffer, encoding: LetterContent['encoding']): LetterContent {
  const head = bytes.subarray(0, MAX_CONTENT_BYTES);
  // The decoder drops a character that the cut splits. Decoding also copies: a slice of a long string would keep the
  // whole string in memory for the few characters shown.
  const content = encoding === 'base64' ? head.toString('base64') : new StringDecoder('utf8').write(head);
  return { content, encoding, contentBytes: bytes.length, truncated: bytes.length > head.length };
}

function toJson(value: unknown): string {
  try {
    const plain = JSON.stringify(value) ?? String(value);
    // Calling a function for each value makes a large one ten times as expensive, and only its beginning is shown.
    return plain.length > MAX_CONTENT_BYTES ? plain : (JSON.stringify(value, showNonFinite) ?? plain);
  } catch (error) {
    // JSON.parse reads nesting that is too deep for the stack of JSON.stringify.
    return JSON.stringify(
      `(cannot be written as JSON: ${error instanceof Error ? error.message : 'unknown'})`,
    );
  }
}

/** JSON has no Infinity, but 1e309 decodes to it. Without this the letter would show a null that nobody sent. */
function showNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
