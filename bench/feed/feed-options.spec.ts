import { LoadUsageError } from '../load/options/option-values.js';
import { parseFeedOptions } from './feed-options.js';

/** As scripts/lib/options.mjs reads them. */
const parse = (line: string) => {
  const options = ` ${line}`.split(' --').slice(1);
  return parseFeedOptions(
    new Map(options.map((option) => option.split(' ')).map(([name = '', value = '']) => [name, value])),
  );
};
const BINANCE = '--exchange binance --symbols ethusdt,BTCUSDT,ethusdt';

describe('the options of the feed', () => {
  it('need an exchange and its symbols; the rest is optional', () => {
    expect(parse(BINANCE)).toMatchObject({
      exchange: { name: 'binance' },
      symbols: ['ETHUSDT', 'BTCUSDT'],
      from: 'wss://stream.binance.com:9443',
      target: { kind: 'http', url: 'http://127.0.0.1:8000', tokenFile: undefined },
      capacity: 100_000,
      durationSeconds: undefined,
      drainSeconds: 10,
      recordFile: undefined,
    });
  });

  it('may go straight to a sidecar, with keys', () => {
    const line =
      '--exchange coinbase --symbols eth-usd --connect tcp://127.0.0.1:5555 --keys keys --client feed';
    expect(parse(line).target).toEqual({
      kind: 'zmq',
      address: 'tcp://127.0.0.1:5555',
      keys: { folder: 'keys', client: 'feed' },
    });
  });

  it.each([
    ['', '--exchange is needed'],
    ['--exchange binance', '--symbols is needed'],
    ['--exchange nyse --symbols a', '--exchange must be binance or coinbase, not "nyse"'],
    [
      '--exchange binance --symbols eth-usd',
      '--symbols must be symbols of binance such as ethusdt, separated by commas, not "eth-usd"',
    ],
    [
      '--exchange coinbase --symbols ETH-USD,,BTC-USD',
      '--symbols must be symbols of coinbase such as ETH-USD, separated by commas, not ""',
    ],
    [
      `--exchange binance --symbols ${Array.from({ length: 201 }, (_, n) => `a${n}`).join(',')}`,
      '--symbols may name 200 symbols, not 201',
    ],
    [
      `${BINANCE} --from https://a`,
      '--from must be an address without a path such as wss://stream.binance.com:9443, not "https://a"',
    ],
    [
      `${BINANCE} --from wss://user@a`,
      '--from must be an address without a path such as wss://stream.binance.com:9443, not "wss://user@a"',
    ],
    [`${BINANCE} --connect tcp://a:1 --url http://b`, '--url has no meaning with --connect'],
    [`${BINANCE} --connect tcp://a:1 --token-file t`, '--token-file has no meaning with --connect'],
    [`${BINANCE} --connect here`, '--connect must be an address such as tcp://127.0.0.1:5555, not "here"'],
    [`${BINANCE} --keys k`, '--keys needs --connect: a post has no keys'],
    [`${BINANCE} --connect tcp://a:1 --client c`, '--client needs --keys'],
    [`${BINANCE} --buffer 0`, '--buffer must be a whole number from 1 to 10000000, not "0"'],
    [`${BINANCE} --buffer 1.5`, '--buffer must be a whole number from 1 to 10000000, not "1.5"'],
    [`${BINANCE} --duration soon`, '--duration must be a number from 0.1 to below 2147483, not "soon"'],
    [`${BINANCE} --drain -1`, '--drain must be a number from 0 to below 3600, not "-1"'],
  ])('%s: %s', (line, message) => {
    expect(() => parse(line)).toThrow(new LoadUsageError(message));
  });
});
