import { isForm, isTrade, readTrade, toTrade } from './trade-input.js';

const qtyOf = (body: unknown, form: boolean): unknown => {
  const result = readTrade('buy', body, form);
  return isTrade(result) ? result.qty : result.errors.map(({ field, rule }) => `${field}:${rule}`);
};

describe('readTrade', () => {
  it.each<[unknown, unknown]>([
    [undefined, 1],
    [{}, 1],
    [{ qty: 0 }, 0],
    [{ qty: 2.5 }, 2.5],
    [{ qty: '2.5' }, ['qty:type']],
    [{ qty: null }, ['qty:type']],
    [Object.create({ qty: 9 }), 1],
    [null, ['body:type']],
    ['5', ['body:type']],
  ])('reads %p as JSON', (body, expected) => {
    expect(qtyOf(body, false)).toEqual(expected);
  });

  it.each<[unknown, unknown]>([
    ['2.5', 2.5],
    ['+.5', 0.5],
    ['007', 7],
    ['-1', ['qty:minimum']],
    ['1e3', ['qty:type']],
    ['Infinity', ['qty:type']],
    [' 1', ['qty:type']],
    ['2.', 2],
    ['.', ['qty:type']],
    ['9'.repeat(400), ['qty:type']],
    ['2'.padStart(400, '0'), 2],
    ['2'.padStart(401, '0'), ['qty:type']],
    [['1', '2'], ['qty:type']],
    [5, ['qty:type']],
  ])('reads the form text %p', (qty, expected) => {
    expect(qtyOf({ qty }, true)).toEqual(expected);
  });
});

describe('toTrade', () => {
  it('names every fault, and counts the request under the first', () => {
    expect(toTrade('hold', -1)).toMatchObject({
      reason: 'invalid_side',
      errors: [{ field: 'side' }, { field: 'qty' }],
    });
  });
});

describe('isForm', () => {
  it.each([
    ['application/x-www-form-urlencoded; charset=utf-8', true],
    ['Multipart/Form-Data; boundary=x', true],
    ['application/json', false],
    [undefined, false],
  ])('of %p is %p', (contentType, expected) => {
    expect(isForm(contentType)).toBe(expected);
  });
});
