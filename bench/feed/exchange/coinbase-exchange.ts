import { tapeSeconds } from '../../load/tape/tape-time.js';
import { decimalOf, type Exchange, isTradeId, type Reading } from './exchange.js';

const PRODUCT = /^[A-Z0-9]{1,16}-[A-Z0-9]{1,15}$/;
/** `matches` may drop messages; `heartbeat` tells each second the id of the last trade. */
const CHANNELS = ['matches', 'heartbeat'];
/** The side of a match is that of the maker, whose order was there before. */
const TAKER: ReadonlyMap<unknown, 'buy' | 'sell'> = new Map([
  ['buy', 'sell'],
  ['sell', 'buy'],
]);

/**
 * Coinbase Exchange: the channels `matches` and `heartbeat`.
 * Source: https://docs.cdp.coinbase.com/exchange/websocket-feed/channels
 */
export const coinbaseExchange: Exchange = {
  name: 'coinbase',
  address: 'wss://ws-feed.exchange.coinbase.com',
  symbolForm: 'ETH-USD',

  symbolOf(text) {
    const product = text.toUpperCase();
    return PRODUCT.test(product) ? product : undefined;
  },

  urlFor(address) {
    return address;
  },

  greetingFor(symbols) {
    return JSON.stringify({ type: 'subscribe', product_ids: symbols, channels: CHANNELS });
  },

  read(message) {
    const { type } = message;
    if (type === 'match' || type === 'last_match') return readMatch(message, type === 'last_match');
    if (type === 'heartbeat') return readHeartbeat(message);
    if (type !== 'error') return { kind: 'other' };
    const words = [message['message'], message['reason']].filter((word) => typeof word === 'string');
    return { kind: 'refused', detail: words.join(': ') || 'it does not say why' };
  },
};

function readMatch(message: Readonly<Record<string, unknown>>, isPast: boolean): Reading {
  const { product_id: symbol, trade_id: id, time } = message;
  if (typeof symbol !== 'string') return { kind: 'malformed', reason: 'invalid_symbol' };
  if (!isTradeId(id)) return { kind: 'malformed', reason: 'invalid_id' };
  const side = TAKER.get(message['side']);
  if (side === undefined) return { kind: 'malformed', reason: 'invalid_side' };
  const trade = {
    symbol,
    id,
    side,
    qty: decimalOf(message['size']),
    price: decimalOf(message['price']),
    seconds: typeof time === 'string' ? tapeSeconds(time) : Number.NaN,
  };
  return { kind: 'trade', trade, isPast };
}

function readHeartbeat({
  product_id: symbol,
  last_trade_id: id,
}: Readonly<Record<string, unknown>>): Reading {
  if (typeof symbol !== 'string') return { kind: 'malformed', reason: 'invalid_symbol' };
  return isTradeId(id) ? { kind: 'mark', symbol, id } : { kind: 'malformed', reason: 'invalid_id' };
}
