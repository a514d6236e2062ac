import { isUtf8 } from 'node:buffer';

/** One encoded value, ready to be joined with others into a frame. */
export interface EncodedValue<Part> {
  readonly part: Part;
  /** Size on the wire, in bytes, of this value alone. */
  readonly bytes: number;
}

/**
 * How values become a frame and come back. A client encodes a value when it is emitted: a later change to the object cannot
 * reach the wire, and a value that cannot be encoded fails at its own `emit`. Parts that wait together are then joined without
 * being encoded again.
 *
 * A frame holds one value or an array of values (a batch). A value that is itself an array must therefore not be
 * sent bare: wrap it in an object, as Nest's packets do.
 */
export interface Codec<Part = unknown> {
  /** @throws whatever the format throws for a value it cannot hold; the client wraps it in `SerializationError`. */
  encode(value: unknown): EncodedValue<Part>;
  /** One part becomes a bare value, several become an array. `parts` is never empty. */
  join(parts: readonly Part[]): Uint8Array | string;
  /** @throws when the bytes are not of this format; the server rejects the frame as `malformed`. */
  decode(frame: Buffer): unknown;
}

/** UTF-8 JSON: one value is its JSON text, several are a JSON array. Any language's ZeroMQ binding can read it. */
export class JsonCodec implements Codec<string> {
  encode(value: unknown): EncodedValue<string> {
    const part = JSON.stringify(value) as string | undefined;
    if (part === undefined) {
      throw new TypeError(`JSON cannot encode a ${typeof value}`);
    }
    return { part, bytes: Buffer.byteLength(part) };
  }

  join(parts: readonly string[]): string {
    const [first] = parts;
    return parts.length === 1 && first !== undefined ? first : `[${parts.join(',')}]`;
  }

  /** Throws for bytes that are not UTF-8 instead of replacing them: a repaired string would not be the event that was sent. */
  decode(frame: Buffer): unknown {
    if (!isUtf8(frame)) {
      throw new TypeError('the bytes are not UTF-8');
    }
    return JSON.parse(frame.toString('utf8'));
  }
}
