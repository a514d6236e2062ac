import { describeContent, MAX_CONTENT_BYTES } from './dead-letter.js';

describe('describeContent', () => {
  it('shows bytes that are text as text, and others as base64', () => {
    expect(describeContent(Buffer.from('grüße'))).toEqual({
      content: 'grüße',
      encoding: 'text',
      contentBytes: 7,
      truncated: false,
    });
    expect(describeContent(Uint8Array.of(0xff, 0x00))).toMatchObject({ content: '/wA=', encoding: 'base64' });
  });

  it.each<[unknown, string]>([
    [{ qty: -1 }, '{"qty":-1}'],
    [null, 'null'],
    [undefined, 'undefined'],
    ['text', '"text"'],
    [{ qty: Infinity, other: Number.NaN }, '{"qty":"Infinity","other":"NaN"}'],
    [JSON.parse('{"__proto__":{"x":1}}'), '{"__proto__":{"x":1}}'],
  ])('writes %p as JSON', (value, content) => {
    expect(describeContent(value)).toMatchObject({ content, encoding: 'json', truncated: false });
  });

  it('keeps only the beginning of what is long, and says so', () => {
    const letter = describeContent(Buffer.alloc(10_000, 'x'));
    expect(letter).toMatchObject({ contentBytes: 10_000, truncated: true });
    expect(letter.content).toHaveLength(MAX_CONTENT_BYTES);
  });

  it('never cuts a character in two', () => {
    const { content } = describeContent(Buffer.from(`a${'€'.repeat(5000)}`));
    expect(content).toMatch(/^a€+$/);
    expect(Buffer.byteLength(content)).toBeGreaterThan(MAX_CONTENT_BYTES - 3);
  });

  it('survives nesting that cannot be written', () => {
    const deep: unknown = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
    expect(describeContent(deep).content).toContain('cannot be written as JSON');
  });
});
