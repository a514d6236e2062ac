import { seal, unseal } from './state-record.js';

describe('sealed text', () => {
  it.each([0.1 + 0.2, Number.MAX_VALUE, 'grüße', { a: [1, null] }])('gives %p back as it was', (value) => {
    expect(unseal(seal(value), 'it')).toEqual(value);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty text', ''],
    ['text without a seal', '{"a":1}'],
    ['a changed digit', seal({ a: 17 }).replace('17', '18')],
    ['a lost end', seal({ a: 17 }).slice(0, -1)],
  ])('does not take %s', (_, sealed) => {
    expect(() => unseal(sealed, 'the record')).toThrow(
      expect.objectContaining({ code: 'ERR_BROKEN_SEAL', message: 'the record is damaged' }),
    );
  });
});
