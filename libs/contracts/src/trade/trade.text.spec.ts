import fc from 'fast-check';
import { TRADE_SIDES } from './trade.pattern.js';
import { tradeText } from './trade.text.js';

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

  it.each([
    ['a field more', { type: 'trade', side: 'buy', qty: 1, ts: 2, symbol: 'A' }],
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
