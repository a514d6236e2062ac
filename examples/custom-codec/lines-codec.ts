import type { Codec, EncodedValue } from 'nestjs-zmq-transport';

/**
 * A codec of one's own: JSON with one event a line, so that what a socket recorder stores can be read with `grep`.
 * `encode` makes a part, `join` makes a frame of parts that wait together, `decode` reads a frame: one value bare,
 * several as an array.
 */
export class LinesCodec implements Codec<string> {
  encode(value: unknown): EncodedValue<string> {
    const part = JSON.stringify(value);
    return { part, bytes: Buffer.byteLength(part) };
  }

  join(parts: readonly string[]): string {
    return parts.join('\n');
  }

  decode(frame: Buffer): unknown {
    const values = frame
      .toString()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    return values.length === 1 ? values[0] : values;
  }
}
