import { isUtf8 } from 'node:buffer';
import type { Codec, EncodedValue } from './codec.interface.js';

/** UTF-8 JSON: one value is its JSON text, several are a JSON array. Any language's ZeroMQ binding can read it. */
export class JsonCodec implements Codec<string> {
  encode(value: unknown): EncodedValue<string> {
    const part = JSON.stringify(value) as string | undefined;
    if (part === undefined) {
      throw new TypeError(`JSON has no form for a ${typeof value}`);
    }
    return { part, bytes: Buffer.byteLength(part) };
  }

  join(parts: readonly string[]): string {
    const [first] = parts;
    return parts.length === 1 && first !== undefined ? first : `[${parts.join(',')}]`;
  }

  /** Bytes that are not UTF-8 are refused, not replaced: a mended string would be another event than the one sent. */
  decode(frame: Buffer): unknown {
    if (!isUtf8(frame)) {
      throw new TypeError('the bytes are not UTF-8');
    }
    return JSON.parse(frame.toString('utf8'));
  }
}
