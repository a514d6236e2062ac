import fc from 'fast-check';
import { JsonCodec } from './codec.js';

describe('JsonCodec', () => {
  const codec = new JsonCodec();
  const frame = (...values: unknown[]): Buffer =>
    Buffer.from(codec.join(values.map((v) => codec.encode(v).part)));

  it('sends one value as its JSON text and several as one JSON array', () => {
    expect(frame({ a: 1 }).toString()).toBe('{"a":1}');
    expect(frame({ a: 1 }, { b: 2 }).toString()).toBe('[{"a":1},{"b":2}]');
  });

  it('counts bytes, not characters', () => {
    expect(codec.encode('€').bytes).toBe(5);
  });

  it('gives back any JSON objects it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 2 }), (values) => {
        expect(codec.decode(frame(...values))).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });

  it.each([undefined, () => 1, Symbol('x')])('has no form for %p', (value) => {
    expect(() => codec.encode(value)).toThrow(TypeError);
  });

  it('refuses bytes that are not UTF-8 rather than mending them', () => {
    expect(() => codec.decode(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not UTF-8');
  });

  it.each(['', '{', '{"a":', 'nonsense', '\u0000'])('refuses %j', (text) => {
    expect(() => codec.decode(Buffer.from(text))).toThrow(SyntaxError);
  });
});
