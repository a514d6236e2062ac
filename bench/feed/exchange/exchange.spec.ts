import { binanceExchange } from './binance-exchange.js';
import { coinbaseExchange } from './coinbase-exchange.js';

/** As the exchanges' documentation shows them, with a later time. */
const BINANCE_TRADE = {
  e: 'trade',
  E: 1672515782136,
  s: 'BNBBTC',
  t: 12345,
  p: '0.001',
  q: '100',
  b: 88,
  a: 50,
  T: 1672515782136,
  m: true,
  M: true,
};
const COINBASE_MATCH = {
  type: 'match',
  trade_id: 10,
  sequence: 50,
  maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
  taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
  time: '2014-11-07T08:19:27.028459Z',
  product_id: 'BTC-USD',
  size: '5.23512',
  price: '400.23',
  side: 'sell',
};

const inStream = (change: object): object => ({
  stream: 'bnbbtc@trade',
  data: { ...BINANCE_TRADE, ...change },
});
const read = (message: object) => binanceExchange.read(message as Record<string, unknown>);
const readMatch = (change: object) => coinbaseExchange.read({ ...COINBASE_MATCH, ...change });

describe('Binance', () => {
  it('tells a trade: the buyer was the maker, so the taker sold', () => {
    const trade = { symbol: 'BNBBTC', id: 12345, side: 'sell', qty: 100, price: 0.001 };
    expect(read(inStream({}))).toEqual({
      kind: 'trade',
      isPast: false,
      trade: { ...trade, seconds: 1672515782.136 },
    });
    expect(read(inStream({ m: false, T: 1672515782136500 }))).toMatchObject({
      trade: { ...trade, side: 'buy', seconds: 1672515782.1365 },
    });
    expect(read(BINANCE_TRADE)).toMatchObject({ trade });
  });

  it.each<[string, object, string]>([
    ['a symbol that is no text', { s: 5 }, 'invalid_symbol'],
    ['no id', { t: undefined }, 'invalid_id'],
    ['an id with a fraction', { t: 1.5 }, 'invalid_id'],
    ['an id beyond the safe integers', { t: 2 ** 60 }, 'invalid_id'],
    ['a negative id', { t: -1 }, 'invalid_id'],
    ['a side that is no boolean', { m: 'true' }, 'invalid_side'],
  ])('is not understood with %s', (_, change, reason) => {
    expect(read(inStream(change))).toEqual({ kind: 'malformed', reason });
  });

  it.each(['', '1e3', '0x10', '-1', '1,5', 'NaN', ' 1', '1'.repeat(41), 5, null, {}])(
    'gives no number for the quantity %j',
    (q) => {
      expect(read(inStream({ q }))).toMatchObject({ trade: { qty: Number.NaN } });
    },
  );

  it.each([undefined, '1672515782136', -1, Number.NaN, {}])('gives no time for %j', (T) => {
    expect(read(inStream({ T }))).toMatchObject({ trade: { seconds: Number.NaN } });
  });

  it('says when it leaves, and what it refuses; the rest is not about trades', () => {
    expect(read({ e: 'serverShutdown', E: 1770123456789 })).toEqual({ kind: 'leaving' });
    expect(read({ event: { e: 'serverShutdown', E: 1770123456789 } })).toEqual({ kind: 'leaving' });
    expect(read({ error: { code: 2, msg: 'Invalid request' } })).toEqual({
      kind: 'refused',
      detail: 'Invalid request',
    });
    expect(read({ result: null, id: 1 })).toEqual({ kind: 'other' });
    expect(read({ stream: 'x', data: { e: 'aggTrade' } })).toEqual({ kind: 'other' });
  });

  it('has one address for all symbols', () => {
    const symbols = ['ethusdt', 'BTCUSDT'].map((text) => binanceExchange.symbolOf(text) ?? '');
    expect(symbols).toEqual(['ETHUSDT', 'BTCUSDT']);
    expect(binanceExchange.urlFor('wss://stream.binance.com:9443', symbols)).toBe(
      'wss://stream.binance.com:9443/stream?streams=ethusdt@trade/btcusdt@trade&timeUnit=MICROSECOND',
    );
    expect(binanceExchange.symbolOf('eth-usdt')).toBeUndefined();
  });
});

describe('Coinbase', () => {
  it('tells a match: the side is the maker’s, so the taker did the opposite', () => {
    const trade = { symbol: 'BTC-USD', id: 10, side: 'buy', qty: 5.23512, price: 400.23 };
    expect(readMatch({})).toEqual({
      kind: 'trade',
      isPast: false,
      trade: { ...trade, seconds: expect.closeTo(1415348367.028459, 6) },
    });
    expect(readMatch({ side: 'buy', type: 'last_match' })).toMatchObject({
      isPast: true,
      trade: { side: 'sell' },
    });
  });

  it.each<[string, object, string]>([
    ['no product', { product_id: undefined }, 'invalid_symbol'],
    ['an id in text', { trade_id: '10' }, 'invalid_id'],
    ['another side', { side: 'hold' }, 'invalid_side'],
    ['a side of another kind', { side: ['sell'] }, 'invalid_side'],
    ['a heartbeat without an id', { type: 'heartbeat', last_trade_id: undefined }, 'invalid_id'],
  ])('is not understood with %s', (_, change, reason) => {
    expect(readMatch(change)).toEqual({ kind: 'malformed', reason });
  });

  it('marks the newest trade each second', () => {
    expect(readMatch({ type: 'heartbeat', last_trade_id: 20, sequence: 90 })).toEqual({
      kind: 'mark',
      symbol: 'BTC-USD',
      id: 20,
    });
  });

  it('says what it refuses; the rest is not about trades', () => {
    const error = { type: 'error', message: 'Failed to subscribe', reason: 'ETH-XYZ is not a valid product' };
    expect(coinbaseExchange.read(error)).toEqual({
      kind: 'refused',
      detail: 'Failed to subscribe: ETH-XYZ is not a valid product',
    });
    expect(readMatch({ type: 'subscriptions' })).toEqual({ kind: 'other' });
    expect(readMatch({ type: 'rfq_match' })).toEqual({ kind: 'other' });
  });

  it('is asked for matches and heartbeats of all products', () => {
    const products = ['eth-usd', 'BTC-USD'].map((text) => coinbaseExchange.symbolOf(text) ?? '');
    expect(JSON.parse(coinbaseExchange.greetingFor(products) ?? '')).toEqual({
      type: 'subscribe',
      product_ids: ['ETH-USD', 'BTC-USD'],
      channels: ['matches', 'heartbeat'],
    });
    expect(coinbaseExchange.symbolOf('ethusd')).toBeUndefined();
  });
});
