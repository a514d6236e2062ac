import fc from 'fast-check';
import { type Codec, JsonCodec } from './codec/codec.js';
import { MessagePackCodec } from './msgpack.js';

/** -0 has no form of its own in JSON; `__proto__` is the one key msgpackr renames, on purpose. */
const jsonObject = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((value) => JSON.parse(JSON.stringify(value)) as object)
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

describe.each<[string, Codec]>([
  ['JsonCodec', new JsonCodec()],
  ['MessagePackCodec', new MessagePackCodec()],
])('%s', (_name, codec) => {
  const frame = (values: readonly unknown[]): Buffer =>
    Buffer.from(codec.join(values.map((value) => codec.encode(value).part)));

  it('gives back one value bare and several as an array', () => {
    fc.assert(
      fc.property(fc.array(jsonObject, { minLength: 1, maxLength: 40 }), (values) => {
        expect(codec.decode(frame(values))).toEqual(values.length === 1 ? values[0] : values);
      }),
    );
  });

  it('tells the bytes each value takes', () => {
    fc.assert(
      fc.property(jsonObject, (value) => {
        expect(codec.encode(value).bytes).toBe(frame([value]).length);
      }),
    );
  });

  it('does not change what it encoded when the object changes later', () => {
    const value = { n: 1 };
    const { part } = codec.encode(value);
    value.n = 2;
    expect(codec.decode(Buffer.from(codec.join([part])))).toEqual({ n: 1 });
  });

  it('either reads or refuses any bytes, and reads on afterwards', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => {
          try {
            codec.decode(Buffer.from(bytes));
          } catch (error) {
            if ((error as { message?: unknown }).message === undefined)
              throw new Error('no error', { cause: error });
          }
        }).not.toThrow();
        expect(codec.decode(frame([{ ok: true }]))).toEqual({ ok: true });
      }),
    );
  });

  it('refuses a frame that ends too soon', () => {
    const whole = frame([{ a: 'text' }, { b: [1, 2.5] }]);
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => codec.decode(whole.subarray(0, length))).toThrow(/./);
    }
  });

  it.each([undefined, () => 1, Symbol('x')])('has no form for %p', (value) => {
    expect(() => codec.encode(value)).toThrow(TypeError);
  });
});

describe('MessagePackCodec', () => {
  const codec = new MessagePackCodec();
  const decode = (...bytes: number[]): unknown => codec.decode(Buffer.from(bytes));

  it.each([1, 2, 15, 16, 17, 65_535, 65_536])('joins %i parts by a header that others read', (count) => {
    const { part, bytes } = codec.encode({ n: 7 });
    const frame = codec.join(Array.from({ length: count }, () => part));
    const header = count === 1 ? 0 : count < 16 ? 1 : count < 65_536 ? 3 : 5;
    expect(frame.length).toBe(header + count * bytes);
    expect([codec.decode(frame)].flat()).toHaveLength(count);
  });

  it('keeps what JSON cannot: bytes, dates, NaN, big integers', () => {
    const value = { bytes: Buffer.from([1, 2]), at: new Date(1_500), nan: Number.NaN, big: 2n ** 60n };
    expect(codec.decode(codec.join([codec.encode(value).part]))).toEqual(value);
  });

  it('reads a 64-bit integer as a number where that is exact', () => {
    expect(decode(0xcf, 0, 0, 0, 0, 0, 0, 1, 0)).toBe(256);
  });

  it.each([
    ['a record definition of msgpackr', [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01]],
    ['a regular expression', [0xc7, 0x01, 0x78, 0x00, 0x92, 0xa1, 0x61, 0xa0]],
    ['an unknown extension', [0x91, 0xd6, 0x05, 0, 0, 0, 0]],
    ['the token nothing uses', [0xc1]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decode(...bytes)).toThrow(TypeError);
  });

  it('takes no memory for an array that is only claimed', () => {
    const before = process.memoryUsage().heapUsed;
    expect(() => decode(0xdd, 0x01, 0xff, 0xff, 0xff)).toThrow(/./);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000);
  });

  it('refuses a value that contains itself, and encodes on afterwards', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(() => codec.encode(value)).toThrow(/./);
    expect(codec.decode(codec.join([codec.encode([1]).part]))).toEqual([1]);
  });

  it('survives nesting deeper than the stack', () => {
    expect(() => codec.decode(Buffer.alloc(1_000_000, 0x91))).toThrow(/./);
    expect(decode(0x07)).toBe(7);
  });
});
