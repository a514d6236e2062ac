import fc from 'fast-check';
import { SYMBOL } from './trade-event.js';
import { TRADE_SIDES } from './trade-pattern.js';
import { tradeText } from './trade-text.js';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const trade = fc.record(
  { type: fc.constant('trade' as const), side: fc.constantFrom(...TRADE_SIDES), qty: number, ts: number },
  { noNullPrototype: true },
);

describe('tradeText', () => {
  it('is what JSON.stringify gives, for any trade', () => {
    fc.assert(
      fc.property(trade, ({ type, side, qty, ts }) => {
        expect(tradeText({ ts, qty, side, type })).toBe(JSON.stringify({ type, side, qty, ts }));
      }),
    );
  });

  it('is what JSON.stringify gives, for any trade with a symbol, a price or both', () => {
    const more = fc.record({ symbol: fc.stringMatching(SYMBOL), price: number }, { requiredKeys: [] });
    fc.assert(
      fc.property(trade, more, ({ type, side, qty, ts }, optional) => {
        const event = { type, side, qty, ts, ...optional };
        expect(tradeText(event)).toBe(
          JSON.stringify(event, ['type', 'side', 'qty', 'ts', 'symbol', 'price']),
        );
      }),
    );
  });

  it('is what JSON.stringify gives, for numbers of any number of decimals and any size', () => {
    const decimals = fc
      .tuple(
        fc.integer({ min: -(10 ** 9), max: 10 ** 9 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
      )
      .map(([digits, down, up]) => (digits / 10 ** down) * 10 ** up);
    fc.assert(
      fc.property(decimals, decimals, (qty, ts) => {
        const event = { type: 'trade', side: 'buy', qty, ts };
        expect(tradeText(event)).toBe(JSON.stringify(event));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    0,
    -0,
    0.5,
    1e-6,
    1e-7,
    0.0000015,
    0.999999,
    0.9999999,
    1_795_345_871.000001,
    1_795_345_871.1,
    1_795_345_871.1234567,
    2 ** 31 - 0.000001,
    2 ** 31,
    2 ** 31 + 0.5,
    2 ** 53,
    1.7e308,
    -1.5,
  ])('writes %d as JSON.stringify does', (number) => {
    const event = { type: 'trade', side: 'sell', qty: number, ts: number };
    expect(tradeText(event)).toBe(JSON.stringify(event));
  });

  it.each([
    ['a field more', { type: 'trade', side: 'buy', qty: 1, ts: 2, venue: 'A' }],
    ['a field more beside a symbol', { type: 'trade', side: 'buy', qty: 1, ts: 2, symbol: 'A', venue: 'A' }],
    ['a symbol that needs an escape', { type: 'trade', side: 'buy', qty: 1, ts: 2, symbol: '"' }],
    ['null for a symbol', { type: 'trade', side: 'buy', qty: 1, ts: 2, symbol: null }],
    ['a price that JSON has no form for', { type: 'trade', side: 'buy', qty: 1, ts: 2, price: Infinity }],
    ['a field less', { type: 'trade', side: 'buy', qty: 1 }],
    ['another side', { type: 'trade', side: 'b"uy', qty: 1, ts: 2 }],
    ['another type', { type: 'quote', side: 'buy', qty: 1, ts: 2 }],
    ['a quantity that JSON has no form for', { type: 'trade', side: 'buy', qty: Number.NaN, ts: 2 }],
    ['a text for a number', { type: 'trade', side: 'buy', qty: '1', ts: 2 }],
    ['an own form', { type: 'trade', side: 'buy', qty: 1, ts: 2, toJSON: () => 'x' }],
    ['nothing', null],
  ])('leaves %s to JSON.stringify', (_, value) => {
    expect(tradeText(value)).toBeUndefined();
  });
});
