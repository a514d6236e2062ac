import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

/** Most bytes of one input that are kept: enough to recognise it, too few to fill memory with. */
export const MAX_CONTENT_BYTES = 4096;

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

/** Turns any input into at most `MAX_CONTENT_BYTES` bytes of printable content. Never throws. */
export function describeContent(input: unknown): LetterContent {
  if (!(input instanceof Uint8Array)) return cut(Buffer.from(toJson(input)), 'json');
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  return cut(bytes, isUtf8(bytes) ? 'text' : 'base64');
}

function cut(bytes: Buffer, encoding: LetterContent['encoding']): LetterContent {
  const head = bytes.subarray(0, MAX_CONTENT_BYTES);
  // A decoder holds back the character that the cut split. Decoding also copies: slicing a long string instead
  // would keep the whole of it alive behind the few characters shown.
  const content = encoding === 'base64' ? head.toString('base64') : new StringDecoder('utf8').write(head);
  return { content, encoding, contentBytes: bytes.length, truncated: bytes.length > head.length };
}

function toJson(value: unknown): string {
  try {
    const plain = JSON.stringify(value) ?? String(value);
    // A function for each value makes a large one ten times as dear, of which only the beginning is shown.
    return plain.length > MAX_CONTENT_BYTES ? plain : (JSON.stringify(value, showNonFinite) ?? plain);
  } catch (error) {
    // JSON.parse reads nesting that JSON.stringify has no stack for.
    return JSON.stringify(
      `(cannot be written as JSON: ${error instanceof Error ? error.message : 'unknown'})`,
    );
  }
}

/** JSON has no Infinity, though 1e309 decodes to it: without this the letter would show a null nobody sent. */
function showNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
