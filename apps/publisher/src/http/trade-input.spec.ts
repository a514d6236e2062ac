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

/** What the fields of a trade became, without the time; for an input with faults, field and rule of each. */
const fieldsOf = (body: unknown, form: boolean): unknown => {
  const result = readTrade('buy', body, form);
  if (!isTrade(result)) return result.errors.map(({ field, rule }) => `${field}:${rule}`);
  const { ts, ...fields } = result;
  expect(ts).toBeGreaterThan(0);
  return fields;
};

describe('symbol and price', () => {
  const trade = { type: 'trade', side: 'buy', qty: 1 };

  it.each<[unknown, unknown]>([
    [
      { symbol: 'ETH/USDT', price: 1930.25 },
      { ...trade, symbol: 'ETH/USDT', price: 1930.25 },
    ],
    [{ symbol: 'A' }, { ...trade, symbol: 'A' }],
    [{ symbol: null, price: null }, trade],
    [Object.create({ symbol: 'A', price: 2 }), trade],
    [{ symbol: '' }, ['symbol:pattern']],
    [{ symbol: 5, price: '1' }, ['symbol:type', 'price:type']],
    [{ price: 0 }, ['price:exclusiveMinimum']],
  ])('reads %p as JSON', (body, expected) => {
    expect(fieldsOf(body, false)).toEqual(expected);
  });

  it.each<[unknown, unknown]>([
    [
      { symbol: 'A', price: '1.50' },
      { ...trade, symbol: 'A', price: 1.5 },
    ],
    [{ symbol: '', price: '' }, trade],
    [{ symbol: 'a b' }, ['symbol:pattern']],
    [{ price: '1e3' }, ['price:type']],
    [{ price: '-1' }, ['price:exclusiveMinimum']],
    [{ price: ['1', '2'] }, ['price:type']],
  ])('reads %p of a form', (body, expected) => {
    expect(fieldsOf(body, true)).toEqual(expected);
  });
});

describe('toTrade', () => {
  it('names every fault, and counts the request under the first', () => {
    expect(toTrade('hold', { qty: -1, symbol: 'a b', price: 0 })).toMatchObject({
      reason: 'invalid_side',
      errors: [{ field: 'side' }, { field: 'qty' }, { field: 'symbol' }, { field: 'price' }],
    });
    expect(toTrade('buy', { price: 0 })).toMatchObject({ reason: 'invalid_price' });
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
