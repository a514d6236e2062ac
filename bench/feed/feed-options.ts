import {
  choice,
  type GivenOptions,
  inRange,
  LoadUsageError,
  webAddress,
  wholeNumber,
  zmqAddress,
} from '../load/options/option-values.js';
import type { KeySource } from '../load/options/load-options.js';
import { binanceExchange } from './exchange/binance-exchange.js';
import { coinbaseExchange } from './exchange/coinbase-exchange.js';
import type { Exchange } from './exchange/exchange.js';

/** Where the trades of a feed go. */
export type FeedTarget =
  | { readonly kind: 'http'; readonly url: string; readonly tokenFile: string | undefined }
  | { readonly kind: 'zmq'; readonly address: string; readonly keys: KeySource | undefined };

/** The options of one call. */
export interface FeedOptions {
  readonly exchange: Exchange;
  /** As the exchange writes them in its messages. */
  readonly symbols: readonly string[];
  /** The exchange's address, without a path. */
  readonly from: string;
  readonly target: FeedTarget;
  /** Trades that may wait. */
  readonly capacity: number;
  /** Undefined: until it is stopped. */
  readonly durationSeconds: number | undefined;
  /** How long the end may take. */
  readonly drainSeconds: number;
  /** Undefined: nothing is recorded. */
  readonly recordFile: string | undefined;
  readonly caFile: string | undefined;
}

const EXCHANGES: Readonly<Record<'binance' | 'coinbase', Exchange>> = {
  binance: binanceExchange,
  coinbase: coinbaseExchange,
};
/** As many as the sidecar tells apart by default. */
const MAX_SYMBOLS = 200;
/** Beyond it, Node's timers end at once. */
const MAX_SECONDS = 2_147_483;
const MAX_CAPACITY = 10_000_000;

function needed(given: GivenOptions, name: string): string {
  const text = given.get(name);
  if (text === undefined) throw new LoadUsageError(`--${name} is needed`);
  return text;
}

function readSymbols(exchange: Exchange, text: string): string[] {
  const symbols = text.split(',').map((item) => {
    const symbol = exchange.symbolOf(item.trim());
    if (symbol !== undefined) return symbol;
    throw new LoadUsageError(
      `--symbols must be symbols of ${exchange.name} such as ${exchange.symbolForm}, separated by commas, not "${item}"`,
    );
  });
  const different = [...new Set(symbols)];
  if (different.length > MAX_SYMBOLS)
    throw new LoadUsageError(`--symbols may name ${MAX_SYMBOLS} symbols, not ${different.length}`);
  return different;
}

function readFrom(exchange: Exchange, text: string | undefined): string {
  if (text === undefined) return exchange.address;
  const isUsable = /^wss?:\/\/[^/?#@]+\/?$/.test(text) && URL.canParse(text);
  if (isUsable) return text.replace(/\/$/, '');
  throw new LoadUsageError(
    `--from must be an address without a path such as ${exchange.address}, not "${text}"`,
  );
}

function refuseWith(given: GivenOptions, name: string, others: readonly string[]): void {
  const other = others.find((each) => given.has(each));
  if (other !== undefined) throw new LoadUsageError(`--${other} has no meaning with --${name}`);
}

function readTarget(given: GivenOptions): FeedTarget {
  const address = given.get('connect');
  if (address === undefined) {
    const keyOption = ['keys', 'client'].find((name) => given.has(name));
    if (keyOption !== undefined)
      throw new LoadUsageError(`--${keyOption} needs --connect: a post has no keys`);
    const url = webAddress('url', given.get('url') ?? 'http://127.0.0.1:8000');
    return { kind: 'http', url, tokenFile: given.get('token-file') };
  }
  refuseWith(given, 'connect', ['url', 'token-file', 'ca']);
  const folder = given.get('keys');
  if (folder === undefined && given.has('client')) throw new LoadUsageError('--client needs --keys');
  const keys = folder === undefined ? undefined : { folder, client: given.get('client') ?? 'publisher' };
  return { kind: 'zmq', address: zmqAddress('connect', address), keys };
}

/**
 * Reads a command line.
 * @throws {LoadUsageError} naming the option at fault, in one line
 */
export function parseFeedOptions(given: GivenOptions): FeedOptions {
  const exchange = EXCHANGES[choice('exchange', needed(given, 'exchange'), ['binance', 'coinbase'])];
  const duration = given.get('duration');
  return {
    exchange,
    symbols: readSymbols(exchange, needed(given, 'symbols')),
    from: readFrom(exchange, given.get('from')),
    target: readTarget(given),
    capacity: wholeNumber('buffer', given.get('buffer') ?? '100000', 1, MAX_CAPACITY),
    durationSeconds: duration === undefined ? undefined : inRange('duration', duration, 0.1, MAX_SECONDS),
    drainSeconds: inRange('drain', given.get('drain') ?? '10', 0, 3600),
    recordFile: given.get('record'),
    caFile: given.get('ca'),
  };
}
