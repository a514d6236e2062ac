import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Push } from 'zeromq';
import { ProgramScope } from '../testing/program.js';
import { scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { describeWhen, SYSTEM_PYTHON } from '../testing/installed.js';
import { ROOT } from '../testing/root.js';
import { expectedTotals } from './harness/trade-mix.js';
import { postAll } from './harness/trade-poster.js';
import { hasTape, readTape, TAPE_FILE, type TapeTrade } from './harness/trade-tape.js';

/** Of VPIN: the tape fills more than fifty. */
const BUCKET_VOLUME = '2';

type Bar = Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume' | 'trades' | 'imbalance', number>>;

/** What `tape-figures.py` says. */
interface TapeFigures {
  readonly lastPrice: number;
  readonly vwap: number;
  readonly delta: number;
  readonly imbalance: number;
  readonly vpin: number;
  readonly notional: Readonly<Record<'buy' | 'sell', number>>;
  readonly barsByTrades: readonly Bar[];
  readonly barsByVolume: readonly Bar[];
  readonly quantiles: Readonly<Record<'buy' | 'sell' | 'all', Readonly<Record<string, number>>>>;
}

/** Computed in exact fractions by another language's standard library. */
function independentFigures(): TapeFigures {
  const program = join(ROOT, 'e2e', 'harness', 'tape-figures.py');
  const { status, stdout, stderr } = spawnSync(SYSTEM_PYTHON, [program, TAPE_FILE, BUCKET_VOLUME], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as TapeFigures;
}

/** Numbers that are equal but for what doubles lose in a sum. */
const almost = (value: number): unknown => expect.closeTo(value, 8);
const almostBars = (bars: readonly Bar[]): unknown[] =>
  bars.map((bar) =>
    expect.objectContaining(
      Object.fromEntries(Object.entries(bar).map(([key, value]) => [key, almost(value)])),
    ),
  );

describeWhen(hasTape(), 'a real trade tape', 'the tape is not beside the project', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;
  let tape: TapeTrade[];

  beforeEach(async () => {
    tape = readTape();
    at = await chooseAddresses();
    await startSidecar(scope, at, { VPIN_BUCKET_VOLUME: BUCKET_VOLUME });
    await startPublisher(scope, at);
  });
  afterEach(() => scope.dispose());

  it('is counted exactly when each trade is posted alone', async () => {
    // One at a time: the sums are compared to the last bit, so the order of the additions matters.
    await postAll(at.publisherUrl, tape, 1);

    expect(await whenApplied(at.sidecarUrl, tape.length)).toEqual(expectedTotals(tape));
  });

  it('is counted exactly when posted in bulk, with the price, flow, bars and quantiles that Python finds', async () => {
    const figures = independentFigures();
    const trades = tape.map(({ side, qty, price }) => ({ side, qty, price, symbol: 'ETHUSDT' }));
    const answer = await fetch(`${at.publisherUrl}/trades`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(trades),
    });
    expect(await answer.json()).toMatchObject({ accepted: tape.length, refused: [] });
    expect(await whenApplied(at.sidecarUrl, tape.length)).toEqual(expectedTotals(tape));

    const samples = await scrape(`${at.sidecarUrl}/metrics/`);
    const shown = (sample: string): number => samples.get(sample) ?? Number.NaN;
    expect({
      lastPrice: shown('trading_last_price{symbol="ETHUSDT"}'),
      vwap: shown('trading_window_vwap{symbol="ETHUSDT",window="5m"}'),
      delta: shown('trading_volume_delta'),
      imbalance: shown('trading_window_imbalance{window="5m"}'),
      vpin: shown('trading_vpin'),
      bought: shown('trading_symbol_notional_total{symbol="ETHUSDT",side="buy"}'),
      sold: shown('trading_symbol_notional_total{symbol="ETHUSDT",side="sell"}'),
    }).toEqual({
      lastPrice: figures.lastPrice,
      vwap: almost(figures.vwap),
      delta: almost(figures.delta),
      imbalance: almost(figures.imbalance),
      vpin: almost(figures.vpin),
      bought: almost(figures.notional.buy),
      sold: almost(figures.notional.sell),
    });
    const bars = async (query: string): Promise<unknown> => {
      const bars = await fetch(`${at.sidecarUrl}/analytics/bars?symbol=ETHUSDT&last=1h&${query}`);
      return ((await bars.json()) as { bars: unknown }).bars;
    };
    expect(await bars('by=trades&size=10')).toEqual(almostBars(figures.barsByTrades));
    expect(await bars('by=volume&size=25')).toEqual(almostBars(figures.barsByVolume));
    // Quantiles of quantities are exact to 1 %.
    const wrong = Object.entries(figures.quantiles).flatMap(([side, quantiles]) =>
      Object.entries(quantiles).filter(([quantile, exact]) => {
        const value = shown(`trading_qty_quantile{side="${side}",quantile="${quantile}"}`);
        return !(Math.abs(value - exact) <= 0.010_001 * exact);
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('is counted exactly when pushed over ZeroMQ, with the exchange’s own times', async () => {
    const push = new Push({ linger: 5000 });
    push.connect(at.zmqAddress);
    for (const { side, qty, ts } of tape) await push.send(JSON.stringify({ type: 'trade', side, qty, ts }));

    expect(await whenApplied(at.sidecarUrl, tape.length)).toEqual(expectedTotals(tape));
    push.close();
    const samples = await scrape(`${at.sidecarUrl}/metrics/`);
    expect(samples.get('last_trade_ts_seconds')).toBe(tape.at(-1)?.ts);
  });
});
