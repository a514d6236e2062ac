import { Packr } from 'msgpackr';
import type { Codec, EncodedValue } from './codec.interface.js';
import { refuseExtensions } from './msgpack.scan.js';

const ARRAY_FIX = 0x90;
const ARRAY_16 = 0xdc;
const ARRAY_32 = 0xdd;

/**
 * MessagePack: smaller than JSON, keeps bytes, dates and NaN, and any language's MessagePack library can read it.
 * Needs the package `msgpackr`. Give the same codec to both sides.
 *
 * Only plain MessagePack is read, with its timestamps: application extensions (classes, references, msgpackr's own
 * records) could make a sender choose what a receiver builds. Integers beyond ±2^53 come back as `bigint`.
 */
export class MessagePackCodec implements Codec<Buffer> {
  private readonly packr = new Packr({
    useRecords: false,
    moreTypes: false,
    encodeUndefinedAsNil: true,
    // 'auto' is a number where it is exact and a bigint where not; msgpackr's own types do not list it.
    int64AsType: 'auto' as 'number',
  });

  /** @throws when the value holds something MessagePack has no form for (a function, a symbol, a cycle). */
  encode(value: unknown): EncodedValue<Buffer> {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
      throw new TypeError(`MessagePack has no form for a ${typeof value}`);
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
