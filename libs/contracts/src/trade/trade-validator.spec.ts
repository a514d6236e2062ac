import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import * as fc from 'fast-check';
import { REJECTION_REASONS } from './rejection-reasons.js';
import { MAX_PRICE, MAX_QTY, MAX_TS_SECONDS, SYMBOL, TradeEvent } from './trade-event.js';
import { checkTrade } from './trade-validator.js';

const valid = { type: 'trade', side: 'buy', qty: 1.5, ts: 1795345871.25 };

describe('checkTrade', () => {
  it.each([
    ['a plain trade', valid],
    ['the smallest quantity', { ...valid, qty: 0 }],
    ['minus zero', { ...valid, qty: -0 }],
    ['the largest quantity', { ...valid, qty: MAX_QTY }],
    ['the latest time', { ...valid, ts: MAX_TS_SECONDS }],
    ['a time of an old tape', { ...valid, ts: 1_577_836_800.25 }],
    ['the first time of all', { ...valid, ts: 0 }],
    ['fields nobody asked for', { ...valid, venue: 'x', nested: { deep: [1] } }],
    ['an own __proto__ key', JSON.parse(JSON.stringify(valid).replace('{', '{"__proto__":{"qty":-1},'))],
    ['a symbol and a price', { ...valid, symbol: 'ETH/USDT:PERP.x-1_2', price: 1930.25 }],
    ['a symbol alone', { ...valid, symbol: 'A' }],
    ['the longest symbol and the largest price', { ...valid, symbol: 'A'.repeat(32), price: MAX_PRICE }],
    ['null for what is optional', { ...valid, symbol: null, price: null }],
    ['an own constructor key', { ...valid, constructor: { prototype: { qty: -1 } } }],
  ])('accepts %s', (_, value) => {
    expect(checkTrade(value)).toBeUndefined();
  });

  it.each([
    ['null', null, '', 'type', 'not_an_object'],
    ['an array', [valid], '', 'type', 'not_an_object'],
    ['a string', 'trade', '', 'type', 'not_an_object'],
    ['an empty object', {}, 'type', 'required', 'unknown_type'],
    ['another type', { ...valid, type: 'quote' }, 'type', 'enum', 'unknown_type'],
    ['a missing side', { ...valid, side: undefined }, 'side', 'required', 'invalid_side'],
    ['an unknown side', { ...valid, side: 'hold' }, 'side', 'enum', 'invalid_side'],
    ['a side in capitals', { ...valid, side: 'BUY' }, 'side', 'enum', 'invalid_side'],
    ['a quantity as text', { ...valid, qty: '1' }, 'qty', 'type', 'invalid_qty'],
    ['a negative quantity', { ...valid, qty: -1e-9 }, 'qty', 'minimum', 'invalid_qty'],
    [
      'an infinite quantity',
      JSON.parse(`{"type":"trade","side":"buy","qty":1e309,"ts":1}`),
      'qty',
      'type',
      'invalid_qty',
    ],
    ['a quantity that is not a number', { ...valid, qty: Number.NaN }, 'qty', 'type', 'invalid_qty'],
    ['the largest finite quantity', { ...valid, qty: Number.MAX_VALUE }, 'qty', 'maximum', 'invalid_qty'],
    ['a quantity just too large', { ...valid, qty: MAX_QTY + 1 }, 'qty', 'maximum', 'invalid_qty'],
    ['a time in milliseconds', { ...valid, ts: 1_795_345_871_250 }, 'ts', 'maximum', 'implausible_ts'],
    ['a time in milliseconds of 1971', { ...valid, ts: 31_536_000_000 }, 'ts', 'maximum', 'implausible_ts'],
    ['a time in microseconds', { ...valid, ts: 1_795_345_871_250_000 }, 'ts', 'maximum', 'implausible_ts'],
    ['a time in nanoseconds', { ...valid, ts: 1.79534587125e18 }, 'ts', 'maximum', 'implausible_ts'],
    ['the largest number as a time', { ...valid, ts: Number.MAX_VALUE }, 'ts', 'maximum', 'implausible_ts'],
    ['a null time', { ...valid, ts: null }, 'ts', 'type', 'invalid_ts'],
    ['a negative time', { ...valid, ts: -1 }, 'ts', 'minimum', 'invalid_ts'],
    ['an empty symbol', { ...valid, symbol: '' }, 'symbol', 'pattern', 'invalid_symbol'],
    ['a symbol too long', { ...valid, symbol: 'A'.repeat(33) }, 'symbol', 'pattern', 'invalid_symbol'],
    ['a symbol with a space', { ...valid, symbol: 'A B' }, 'symbol', 'pattern', 'invalid_symbol'],
    ['a symbol of two lines', { ...valid, symbol: 'A\n' }, 'symbol', 'pattern', 'invalid_symbol'],
    ['a number as symbol', { ...valid, symbol: 1 }, 'symbol', 'type', 'invalid_symbol'],
    ['a price of nothing', { ...valid, price: 0 }, 'price', 'exclusiveMinimum', 'invalid_price'],
    ['a price as text', { ...valid, price: '1' }, 'price', 'type', 'invalid_price'],
    ['a price just too large', { ...valid, price: MAX_PRICE + 1 }, 'price', 'maximum', 'invalid_price'],
    [
      'an infinite price',
      JSON.parse(`{"type":"trade","side":"buy","qty":1,"ts":1,"price":1e309}`),
      'price',
      'type',
      'invalid_price',
    ],
    [
      'a quantity only inherited',
      Object.assign(Object.create({ qty: 1 }), { type: 'trade', side: 'buy', ts: 1 }),
      'qty',
      'required',
      'invalid_qty',
    ],
  ])('refuses %s, naming field, rule and reason', (_, value, field, rule, reason) => {
    expect(checkTrade(value)).toMatchObject({ field, rule, reason });
  });

  it('reports the same fault whatever the order of keys', () => {
    expect(checkTrade({ ts: -1, qty: -1, side: 'x', type: 'trade' })).toEqual(
      checkTrade({ type: 'trade', side: 'x', qty: -1, ts: -1 }),
    );
  });

  it('says what would be right without repeating what was sent', () => {
    expect(checkTrade({ ...valid, side: 'x'.repeat(1000) })?.message).toBe('side must be one of: buy, sell');
    expect(checkTrade({ ...valid, qty: 'abc' })?.message).toBe('qty must be a finite number');
    expect(checkTrade({ ...valid, qty: 2e15 })?.message).toBe('qty must be at most 1000000000000000');
    expect(checkTrade({ ...valid, ts: 1_795_345_871_250 })?.message).toBe(
      'ts must be unix epoch seconds, at most 10000000000: milliseconds are too large',
    );
  });
});

/** Values that have fooled validators before, as they are or nested in anything. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    Number.NaN,
    Infinity,
    -Infinity,
    -0,
    0,
    1e308,
    -1e308,
    Number.MIN_VALUE,
    '',
    '1',
    'NaN',
    'buy',
    'sell',
    'trade',
    null,
    undefined,
    true,
    false,
    [],
    [1],
    ['buy'],
    {},
    { valueOf: 1 },
    new Date(0),
    10n,
    Symbol('buy'),
  ),
  fc.double(),
  fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withObjectString: true }),
);
const field = <T>(right: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: hostile });
/** Numbers on either side of a bound, and right at it. */
const upTo = (bound: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 0, max: bound, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(bound, bound + 1, bound * (1 + Number.EPSILON)) },
    { weight: 1, arbitrary: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }) },
  );
const tradeLike = fc
  .record(
    {
      type: field(fc.constant('trade')),
      side: field(fc.constantFrom('buy', 'sell')),
      qty: field(upTo(MAX_QTY)),
      ts: field(upTo(MAX_TS_SECONDS)),
      symbol: field(fc.oneof(fc.stringMatching(SYMBOL), fc.string({ maxLength: 40 }), fc.constant(null))),
      price: field(upTo(MAX_PRICE)),
      extra: hostile,
    },
    { requiredKeys: [] },
  )
  .chain((record) =>
    fc.constantFrom<unknown>(
      record,
      withOwnProto(record),
      Object.create(record),
      Object.assign(new TradeEvent(), record),
    ),
  );

function withOwnProto(record: object): object {
  const copy: object = { ...record };
  Object.defineProperty(copy, '__proto__', {
    value: { qty: 1, side: 'buy' },
    enumerable: true,
    configurable: true,
  });
  return copy;
}

/** The verdict the HTTP side gives: a TradeEvent is built from the plain value, then validated. */
function acceptedByClassValidator(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return validateSync(plainToInstance(TradeEvent, value)).length === 0;
}

describe('the compiled validator and the class', () => {
  it('give the same verdict on valid and hostile input', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof({ weight: 9, arbitrary: tradeLike }, { weight: 1, arbitrary: hostile }),
        (value) => {
          const violation = checkTrade(value);
          accepted += violation ? 0 : 1;
          expect(violation === undefined).toBe(acceptedByClassValidator(value));
          expect(violation ? REJECTION_REASONS.includes(violation.reason) : true).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
    // Both verdicts have to be exercised, or the property would hold of nothing.
    expect(accepted).toBeGreaterThan(100);
    expect(accepted).toBeLessThan(2900);
  });
});
