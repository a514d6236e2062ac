// `npm run feed` between an exchange that speaks the documented messages and the built apps.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestExchange } from '../bench/feed/test-exchange.fixture.js';
import { type Program, ProgramScope } from '../testing/program.js';
import { scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';

const TRADES = 40;
const SYMBOLS = ['ETHUSDT', 'BTCUSDT'] as const;

function binance(index: number): object {
  const symbol = SYMBOLS[index % 2] ?? '';
  const trade = { t: 1000 + Math.floor(index / 2), p: '17.25', q: '0.5', T: Date.now(), m: index % 4 < 2 };
  return { stream: `${symbol.toLowerCase()}@trade`, data: { e: 'trade', s: symbol, ...trade } };
}

describe('npm run feed', () => {
  const scope = new ProgramScope();
  const folder = mkdtempSync(join(tmpdir(), 'feed-'));
  const tape = join(folder, 'tape.csv');
  let at: StackAddresses;
  let exchange: TestExchange;

  beforeAll(async () => {
    exchange = await TestExchange.start();
    at = await chooseAddresses();
    await startSidecar(scope, at);
    await startPublisher(scope, at);
  });
  afterAll(async () => {
    await scope.dispose();
    await exchange.stop();
    rmSync(folder, { recursive: true });
  });

  const run = (script: string, ...args: string[]): Program =>
    scope.start(process.execPath, [`scripts/${script}.mjs`, ...args]);
  const feed = (...args: string[]): Program => run('feed', '--from', exchange.address, ...args);

  async function bySymbol(): Promise<Record<string, number>> {
    const samples = await scrape(`${at.sidecarUrl}/metrics/`);
    const sum = (symbol: string): number =>
      ['buy', 'sell'].reduce(
        (total, side) =>
          total + (samples.get(`trading_symbol_trades_total{symbol="${symbol}",side="${side}"}`) ?? 0),
        0,
      );
    return Object.fromEntries([...SYMBOLS, 'ETH-USD'].map((symbol) => [symbol, sum(symbol)]));
  }

  it('takes trades to the publisher, records them, and says at its end what became of them', async () => {
    const source = ['--exchange', 'binance', '--symbols', 'ethusdt,btcusdt'];
    const program = feed(...source, '--url', at.publisherUrl, '--record', tape);
    await exchange.connected();
    exchange.send(...Array.from({ length: TRADES }, (_, index) => binance(index)));
    await whenApplied(at.sidecarUrl, TRADES);
    expect(await program.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(program.stdout).toContain(`delivered: accepted ${TRADES}, refused 0, dropped 0, given up 0`);
    expect(program.stdout).toContain(`recorded: ${TRADES} rows in ${tape}, lost 0`);
    expect(await bySymbol()).toEqual({ ETHUSDT: TRADES / 2, BTCUSDT: TRADES / 2, 'ETH-USD': 0 });
  });

  it('has recorded what the load replays, symbols and all', async () => {
    const where = ['--url', at.publisherUrl, '--sidecar', at.sidecarUrl];
    const load = run('load', '--replay', tape, ...where);
    expect((await load.exited).code).toBe(0);
    expect(await bySymbol()).toEqual({ ETHUSDT: TRADES, BTCUSDT: TRADES, 'ETH-USD': 0 });
  });

  it('takes trades straight to the sidecar, with the exchange’s time', async () => {
    const source = ['--exchange', 'coinbase', '--symbols', 'eth-usd'];
    const program = feed(...source, '--connect', at.zmqAddress);
    await exchange.connected(2);
    const time = '2020-08-14T10:00:00.223456Z';
    const match = { type: 'match', product_id: 'ETH-USD', size: '2', price: '400', side: 'sell', time };
    exchange.send({ ...match, trade_id: 1 }, { ...match, trade_id: 2 });
    await whenApplied(at.sidecarUrl, 2 * TRADES + 2);
    expect(await program.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await bySymbol()).toMatchObject({ 'ETH-USD': 2 });
    const samples = await scrape(`${at.sidecarUrl}/metrics/`);
    expect(samples.get('last_trade_ts_seconds')).toBe(1597399200.223456);
  });

  it('explains itself when an option is wrong', async () => {
    const program = feed('--exchange', 'binance', '--symbols', 'eth-usdt');
    expect((await program.exited).code).toBe(64);
    expect(program.stderr).toContain('feed: --symbols must be symbols of binance such as ethusdt');
  });
});
