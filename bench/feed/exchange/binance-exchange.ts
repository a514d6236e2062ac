import { tapeSeconds } from '../../load/tape/tape-time.js';
import { decimalOf, type Exchange, isObject, isTradeId, type Reading } from './exchange.js';

const SYMBOL = /^[A-Z0-9]{2,32}$/;

/**
 * Binance's spot market: the streams `<symbol>@trade`, combined.
 * Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
export const binanceExchange: Exchange = {
  name: 'binance',
  address: 'wss://stream.binance.com:9443',
  symbolForm: 'ethusdt',

  symbolOf(text) {
    const symbol = text.toUpperCase();
    return SYMBOL.test(symbol) ? symbol : undefined;
  },

  urlFor(address, symbols) {
    const streams = symbols.map((symbol) => `${symbol.toLowerCase()}@trade`);
    // Times are milliseconds by default.
    return `${address}/stream?streams=${streams.join('/')}&timeUnit=MICROSECOND`;
  },

  greetingFor() {
    return undefined;
  },

  read(message) {
    // {"stream":"ethusdt@trade","data":{…}}; what concerns the connection may come without the frame.
    const event = [message['data'], message['event'], message].find(isObject) ?? message;
    if (event['e'] === 'trade') return readTrade(event);
    if (event['e'] === 'serverShutdown') return { kind: 'leaving' };
    return isObject(message['error'])
      ? { kind: 'refused', detail: String(message['error']['msg']) }
      : { kind: 'other' };
  },
};

function readTrade({ s, t, m, q, p, T }: Readonly<Record<string, unknown>>): Reading {
  if (typeof s !== 'string') return { kind: 'malformed', reason: 'invalid_symbol' };
  if (!isTradeId(t)) return { kind: 'malformed', reason: 'invalid_id' };
  // "Is the buyer the market maker?" Then the taker sold.
  if (typeof m !== 'boolean') return { kind: 'malformed', reason: 'invalid_side' };
  const trade = {
    symbol: s,
    id: t,
    side: m ? ('sell' as const) : ('buy' as const),
    qty: decimalOf(q),
    price: decimalOf(p),
    seconds: typeof T === 'number' ? tapeSeconds(String(T)) : Number.NaN,
  };
  return { kind: 'trade', trade, isPast: false };
}
