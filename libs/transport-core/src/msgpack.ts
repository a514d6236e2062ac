// An entry point of its own: only programs that import it need msgpackr.
import { Packr } from 'msgpackr';
import type { Codec, EncodedValue } from './codec/codec.js';

const ARRAY_FIX = 0x90;
const ARRAY_16 = 0xdc;
const ARRAY_32 = 0xdd;

/**
 * MessagePack: smaller than JSON, keeps bytes, dates and NaN, and any language's MessagePack library can read it.
 * Needs the package `msgpackr`. Give the same codec to both sides.
 *
 * It reads only plain MessagePack and timestamps: with application extensions (classes, references, msgpackr's own records) a
 * sender could choose what a receiver builds. Integers beyond ±2^53 come back as `bigint`.
 */
export class MessagePackCodec implements Codec<Buffer> {
  private readonly packr = new Packr({
    useRecords: false,
    moreTypes: false,
    encodeUndefinedAsNil: true,
    // 'auto' is a number where it is exact and a bigint where not; msgpackr's own types do not list it.
    int64AsType: 'auto' as 'number',
  });

  /** @throws when the value contains something that MessagePack cannot express (a function, a symbol, a cycle). */
  encode(value: unknown): EncodedValue<Buffer> {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
      throw new TypeError(`MessagePack cannot encode a ${typeof value}`);
    }
    const part = this.packr.pack(value);
    return { part, bytes: part.length };
  }

  /** Several parts become an array by a header in front of them; none is encoded again. */
  join(parts: readonly Buffer[]): Buffer {
    const [first] = parts;
    return parts.length === 1 && first !== undefined
      ? first
      : Buffer.concat([arrayHeader(parts.length), ...parts]);
  }

  /** @throws for bytes that are not exactly one value of plain MessagePack. */
  decode(frame: Buffer): unknown {
    refuseExtensions(frame);
    return this.packr.unpack(frame) as unknown;
  }
}

function arrayHeader(length: number): Buffer {
  if (length < 16) {
    return Buffer.from([ARRAY_FIX + length]);
  }
  const header = Buffer.allocUnsafe(length < 65_536 ? 3 : 5);
  if (length < 65_536) {
    header[0] = ARRAY_16;
    header.writeUInt16BE(length, 1);
  } else {
    header[0] = ARRAY_32;
    header.writeUInt32BE(length, 1);
  }
  return header;
}

/** MessagePack's own extension type -1: a timestamp. */
const TIMESTAMP = 0xff;
/** Bytes of the length field, by token; the content follows, as long as that field says. */
const LENGTH_BYTES = new Map([
  [0xc4, 1],
  [0xc5, 2],
  [0xc6, 4],
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
]);
/** Bytes of content after the token, where they are fixed. Of arrays and maps it is the length: items are tokens. */
const FIXED_BYTES = new Map([
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
  [0xdc, 2],
  [0xdd, 4],
  [0xde, 2],
  [0xdf, 4],
]);
/** Bytes of content of a fixext; of ext 8, 16 and 32 the bytes of the length field, negative. */
const EXTENSION_BYTES = new Map([
  [0xc7, -1],
  [0xc8, -2],
  [0xc9, -4],
  [0xd4, 1],
  [0xd5, 2],
  [0xd6, 4],
  [0xd7, 8],
  [0xd8, 16],
]);

/**
 * Walks the tokens of a MessagePack frame without building anything. It leaves it to the decoder to reject a frame that ends
 * too soon.
 * @throws TypeError for an extension that is no timestamp, or the token that MessagePack never uses
 */
export function refuseExtensions(frame: Buffer): void {
  let at = 0;
  while (at < frame.length) {
    const token = frame[at] ?? 0;
    at += 1;
    if (token >= 0xa0 && token < 0xc0) {
      at += token - 0xa0;
    } else if (token >= 0xc1 && token < 0xe0) {
      at = afterToken(frame, token, at);
    }
  }
}

function afterToken(frame: Buffer, token: number, at: number): number {
  const fixed = FIXED_BYTES.get(token);
  if (fixed !== undefined) {
    return at + fixed;
  }
  const lengthBytes = LENGTH_BYTES.get(token);
  if (lengthBytes !== undefined) {
    return at + lengthBytes + lengthAt(frame, at, lengthBytes);
  }
  const extension = EXTENSION_BYTES.get(token);
  if (extension !== undefined) {
    return afterExtension(frame, extension, at);
  }
  if (token === 0xc1) {
    throw new TypeError('0xc1 is not MessagePack');
  }
  return at;
}

function afterExtension(frame: Buffer, bytes: number, at: number): number {
  const lengthBytes = Math.max(0, -bytes);
  const type = frame[at + lengthBytes];
  if (type !== TIMESTAMP) {
    throw new TypeError(`MessagePack extension ${String(type)} is refused: only timestamps are read`);
  }
  return at + lengthBytes + 1 + (bytes > 0 ? bytes : lengthAt(frame, at, lengthBytes));
}

function lengthAt(frame: Buffer, at: number, bytes: number): number {
  return at + bytes <= frame.length ? frame.readUIntBE(at, bytes) : 0;
}
