import { type Table, tableFromIPC } from 'apache-arrow';
import type {
  BarsAnswer,
  InterarrivalAnswer,
  LatencyAnswer,
  QuantitiesAnswer,
  SeriesAnswer,
  SummaryAnswer,
  SymbolsAnswer,
} from '../src/http/questions/analytics-answer.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

/** An answer in Arrow. */
async function tableOf({ url }: SidecarUnderTest, path: string): Promise<Table> {
  const response = await fetch(`${url}/analytics/${path}`);
  expect(response.headers.get('content-type')).toBe('application/vnd.apache.arrow.stream');
  return tableFromIPC(new Uint8Array(await response.arrayBuffer()));
}

describe('GET /analytics', () => {
  let sidecar: SidecarUnderTest;

  const ask = async <T>(path: string): Promise<T> =>
    (await fetch(`${sidecar.url}/analytics/${path}`)).json() as Promise<T>;

  async function send(trades: readonly object[]): Promise<void> {
    await sidecar.connect().send(JSON.stringify(trades));
    await until('the trades are applied', async () => {
      return (await ask<SummaryAnswer>('summary?last=1h')).trades === trades.length;
    });
  }

  describe('about a few trades', () => {
    const now = Date.now() / 1000;
    const trades = [
      trade({ qty: 1, ts: now - 1 }),
      trade({ qty: 3, ts: now - 2 }),
      trade({ side: 'sell', qty: 10, ts: now - 3 }),
      trade({ qty: 0, ts: now + 1000 }),
    ];

    beforeEach(async () => {
      sidecar = await startSidecar();
      await send(trades);
    });

    afterEach(() => sidecar.close());

    it('summary has count, volume, rate and quantities of a side, in the order of receipt', async () => {
      expect(await ask('summary?side=buy&last=100s')).toEqual({
        side: 'buy',
        lastSeconds: 100,
        complete: true,
        trades: 3,
        volume: 4,
        rate: 0.03,
        qty: { mean: expect.closeTo(4 / 3), stddev: expect.closeTo(Math.sqrt(14 / 9)), max: 3, min: 0 },
        firstTs: now - 1,
        lastTs: now + 1000,
      });
      expect(await ask('summary')).toMatchObject({ side: 'all', lastSeconds: 60, trades: 4, volume: 14 });
    });

    it('series adds up by steps, zeros included, and its points add up to the whole', async () => {
      const series = await ask<SeriesAnswer>('series?metric=volume&side=all&step=500ms&last=15m');
      expect(series).toMatchObject({ metric: 'volume', stepSeconds: 0.5, lastSeconds: 900, complete: true });
      expect(series.points.length).toBeGreaterThanOrEqual(1800);
      expect(series.points.reduce((sum, [, value]) => sum + value, 0)).toBe(14);
      expect(
        series.points.every(([start], index) => start === (series.points[0]?.[0] ?? 0) + index / 2),
      ).toBe(true);
      const counts = await ask<SeriesAnswer>('series?side=sell');
      expect(counts.points.reduce((sum, [, value]) => sum + value, 0)).toBe(1);
    });

    it('latency leaves trades from the future out, and says how many', async () => {
      const { count, skewed, quantiles, histogram } = await ask<LatencyAnswer>('latency');
      expect({ count, skewed }).toEqual({ count: 3, skewed: 1 });
      expect(quantiles['0.5']).toBeGreaterThan(1.9);
      expect(histogram.at(-1)).toEqual({ le: 60, count: 3 });
      expect(histogram.find(({ le }) => le === 0.5)?.count).toBe(0);
    });

    it('interarrival is 0 within a batch, and burstiness is not known of so few', async () => {
      expect(await ask<InterarrivalAnswer>('interarrival')).toMatchObject({
        count: 3,
        mean: 0,
        burstiness: null,
        plainBurstiness: null,
        quantiles: { '0.5': 0.000001 },
      });
    });

    it('export streams the trades as CSV or NDJSON', async () => {
      const csv = await fetch(`${sidecar.url}/analytics/export`);
      expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
      const [header, ...lines] = (await csv.text()).trimEnd().split('\n');
      expect(header).toBe('ts,side,qty,receivedAtSeconds,symbol,price');
      expect(lines.map((line) => line.split(',').slice(0, 3))).toEqual(
        trades.map(({ ts, side, qty }) => [String(ts), side, String(qty)]),
      );
      const ndjson = await fetch(`${sidecar.url}/analytics/export?format=ndjson&last=5m`);
      expect(ndjson.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
      const rows = (await ndjson.text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(rows).toEqual(
        trades.map(({ ts, side, qty }) => ({ ts, side, qty, receivedAtSeconds: expect.any(Number) })),
      );
    });

    it.each([
      ['summary?side=hold', 'side'],
      ['summary?last=60', 'last'],
      ['summary?last=2h', 'last'],
      ['summary?last=1ms', 'last'],
      ['summary?last=1s&last=2s', 'last'],
      ['series?metric=price', 'metric'],
      ['series?step=0s', 'step'],
      ['series?step=100ms&last=1h', 'step'],
      ['latency?last=-1s', 'last'],
      ['interarrival?last=', 'last'],
      ['export?format=xml', 'format'],
    ])('%s is refused with a problem that names %s', async (path, field) => {
      const response = await fetch(`${sidecar.url}/analytics/${path}`);
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await response.json()).toMatchObject({ errors: [expect.objectContaining({ field })] });
    });
  });

  describe('by symbol and price', () => {
    const now = Date.now() / 1000;
    const priced = (symbol: string, side: string, qty: number, price: number): object =>
      trade({ symbol, side, qty, price, ts: now });
    const trades = [
      priced('ETH', 'buy', 1, 10),
      priced('ETH', 'sell', 3, 12),
      priced('BTC', 'buy', 5, 1000),
      priced('ETH', 'buy', 4, 9),
      priced('ETH', 'buy', 2, 11),
      trade({ symbol: 'ETH', qty: 6, ts: now }),
      trade({ qty: 7, ts: now }),
    ];

    beforeAll(async () => {
      sidecar = await startSidecar();
      await send(trades);
    });

    afterAll(() => sidecar.close());

    it('asks about one symbol', async () => {
      expect(await ask('summary?symbol=ETH')).toMatchObject({ trades: 5, volume: 16 });
      expect(await ask('summary?symbol=ETH&side=sell')).toMatchObject({ trades: 1, volume: 3 });
      expect(await ask('summary?symbol=DOGE')).toMatchObject({ trades: 0, volume: 0 });
      expect(await ask('latency?symbol=BTC')).toMatchObject({ count: 1 });
      expect(await ask('interarrival?symbol=ETH')).toMatchObject({ count: 4 });
      const series = await ask<SeriesAnswer>('series?metric=volume&symbol=BTC');
      expect(series.points.reduce((sum, [, value]) => sum + value, 0)).toBe(5);
    });

    it('gives bars by number of trades, with prices where there are some', async () => {
      const { bars } = await ask<BarsAnswer>('bars?by=trades&size=2&symbol=ETH');
      expect(bars).toMatchObject([
        { open: 10, high: 12, low: 10, close: 12, volume: 4, trades: 2, imbalance: -0.5 },
        { open: 9, high: 11, low: 9, close: 11, volume: 6, trades: 2, imbalance: 1 },
        { open: null, high: null, low: null, close: null, volume: 6, trades: 1, imbalance: 1 },
      ]);
    });

    it('gives bars by volume, which end with the trade that reaches their size', async () => {
      const { bars } = await ask<BarsAnswer>('bars?by=volume&size=4&symbol=ETH');
      expect(bars.map(({ volume, trades: count }) => [volume, count])).toEqual([
        [4, 2],
        [4, 1],
        [8, 2],
      ]);
      for (const size of ['1e15', '1e%2B15', '1E15', '1000000000000000'])
        expect((await ask<BarsAnswer>(`bars?by=volume&size=${size}`)).bars).toHaveLength(1);
      expect((await ask<BarsAnswer>('bars?by=volume&size=1e-7')).bars).toHaveLength(trades.length);
    });

    it('gives bars by time, which start at multiples of their size', async () => {
      const answer = await ask<BarsAnswer>('bars?by=time&size=1h&last=1h');
      expect(answer).toMatchObject({ by: 'time', size: 3600, complete: true });
      expect(Math.abs(answer.at - Date.now() / 1000)).toBeLessThan(60);
      expect(answer.at).toBeGreaterThanOrEqual(answer.bars.at(-1)?.end ?? Infinity);
      const { bars } = answer;
      expect(bars.reduce((sum, { trades: count }) => sum + count, 0)).toBe(7);
      expect(bars.every(({ start, end }) => start % 3600 === 0 && start <= end && end < start + 3600)).toBe(
        true,
      );
    });

    it('exports and gives bars in Arrow, equal to JSON', async () => {
      const rows = (await tableOf(sidecar, 'export?format=arrow')).toArray() as object[];
      expect(rows.map((row) => ({ type: 'trade', ...row }))).toMatchObject(
        trades.map((row) => ({ symbol: null, price: null, ...row })),
      );
      expect((await tableOf(sidecar, 'export?format=arrow&symbol=ETH')).numRows).toBe(5);
      expect((await tableOf(sidecar, 'export?format=arrow&symbol=DOGE')).numRows).toBe(0);
      const bars = await tableOf(sidecar, 'bars?by=trades&size=2&symbol=ETH&format=arrow');
      expect(bars.schema.metadata.get('complete')).toBe('true');
      expect((bars.toArray() as object[]).map((row) => ({ ...row }))).toEqual(
        (await ask<BarsAnswer>('bars?by=trades&size=2&symbol=ETH')).bars,
      );
      expect((await tableOf(sidecar, 'bars?symbol=DOGE&format=arrow')).numRows).toBe(0);
    });

    it('gives the distribution of quantities', async () => {
      const { count, quantiles } = await ask<QuantitiesAnswer>('quantities?symbol=ETH');
      expect(count).toBe(5);
      expect(quantiles['0']).toBeCloseTo(1, 1);
      expect(quantiles['0.5']).toBeCloseTo(3, 1);
      expect(quantiles['1']).toBeCloseTo(6, 1);
      expect((await ask<QuantitiesAnswer>('quantities?symbol=DOGE')).quantiles['0.5']).toBeNull();
    });

    it('ranks the symbols by volume, trades or notional', async () => {
      const answer = await ask<SymbolsAnswer>('symbols');
      expect(answer).toMatchObject({ by: 'volume', lastSeconds: 60, complete: true, count: 2 });
      expect(answer.symbols).toEqual([
        {
          rank: 1,
          symbol: 'ETH',
          trades: 5,
          volume: 16,
          notional: 10 + 36 + 36 + 22,
          lastPrice: 11,
          delta: 10,
          share: expect.closeTo(16 / 21),
        },
        {
          rank: 2,
          symbol: 'BTC',
          trades: 1,
          volume: 5,
          notional: 5000,
          lastPrice: 1000,
          delta: 5,
          share: expect.closeTo(5 / 21),
        },
      ]);
      const byNotional = await ask<SymbolsAnswer>('symbols?by=notional');
      expect(byNotional.symbols.map(({ symbol, share }) => [symbol, share])).toEqual([
        ['BTC', expect.closeTo(5000 / 5104)],
        ['ETH', expect.closeTo(104 / 5104)],
      ]);
      const byTrades = await ask<SymbolsAnswer>('symbols?by=trades&limit=1');
      expect(byTrades).toMatchObject({ count: 2, symbols: [{ symbol: 'ETH', share: 5 / 6 }] });
    });

    it('gives the rank of one symbol among all', async () => {
      expect(await ask('symbols?symbol=BTC')).toMatchObject({
        count: 2,
        symbols: [{ rank: 2, symbol: 'BTC' }],
      });
      expect(await ask('symbols?symbol=DOGE')).toMatchObject({ count: 2, symbols: [] });
    });

    it('exports symbol and price where there are some', async () => {
      const csv = await (await fetch(`${sidecar.url}/analytics/export?symbol=ETH`)).text();
      expect(
        csv
          .trimEnd()
          .split('\n')
          .slice(1)
          .map((line) => line.split(',').slice(4).join()),
      ).toEqual(['ETH,10', 'ETH,12', 'ETH,9', 'ETH,11', 'ETH,']);
      const ndjson = await (await fetch(`${sidecar.url}/analytics/export?format=ndjson`)).text();
      const rows = ndjson
        .trimEnd()
        .split('\n')
        .map((line) => ({ type: 'trade', ...(JSON.parse(line) as object) }));
      expect(rows).toMatchObject(trades);
    });

    it.each([
      ['bars?by=week', 'by'],
      ['bars?by=trades&size=1.5', 'size'],
      ['bars?by=trades&size=0', 'size'],
      ['bars?by=trades&size=1s', 'size'],
      ['bars?by=volume&size=0', 'size'],
      ['bars?by=volume&size=1e16', 'size'],
      ['bars?by=volume&size=1e', 'size'],
      ['bars?by=trades&size=1e-1', 'size'],
      ['bars?by=time&size=5', 'size'],
      ['bars?by=time&size=1ms', 'size'],
      ['bars?format=csv', 'format'],
      ['symbols?by=price', 'by'],
      ['symbols?limit=0', 'limit'],
      ['symbols?limit=1001', 'limit'],
      ['symbols?limit=1.5', 'limit'],
      ['symbols?limit=', 'limit'],
      ['symbols?limit=1&limit=2', 'limit'],
      ['symbols?last=2h', 'last'],
      ['summary?symbol=a%20b', 'symbol'],
      ['summary?symbol=', 'symbol'],
      ['export?symbol=%22', 'symbol'],
    ])('refuses %s, naming the field', async (path, field) => {
      const response = await fetch(`${sidecar.url}/analytics/${path}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ field }] });
    });

    it('refuses more bars than an answer may have', async () => {
      await sidecar
        .connect()
        .send(JSON.stringify(Array.from({ length: 4000 }, () => trade({ symbol: 'X' }))));
      await until('the trades are applied', async () => {
        return (await ask<SummaryAnswer>('summary?symbol=X')).trades === 4000;
      });
      const response = await fetch(`${sidecar.url}/analytics/bars?by=trades&size=1`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ field: 'size', rule: 'maxPoints' }] });
    });
  });

  describe('about more trades than the frame keeps', () => {
    beforeEach(async () => {
      sidecar = await startSidecar({ ANALYTICS_FRAME_ROWS: 20_000 });
      const socket = sidecar.connect();
      for (let batch = 0; batch < 8; batch += 1) {
        const trades = Array.from({ length: 3000 }, (_, index) => trade({ qty: batch * 3000 + index }));
        await socket.send(JSON.stringify(trades));
      }
      await until(
        'all are applied',
        async () => (await sidecar.metric('trades_total{side="buy"}')) === 24_000,
      );
    });

    afterEach(() => sidecar.close());

    it('says that the answer is not complete, and gives that of the newest', async () => {
      expect(await ask('summary')).toMatchObject({
        complete: false,
        trades: 20_000,
        qty: { min: 4000, max: 23_999 },
      });
      expect(await ask('latency')).toMatchObject({ complete: false, count: 20_000, skewed: 0 });
    });

    it('answers many questions at once, and others in between', async () => {
      const questions = Array.from({ length: 20 }, () => ask<SummaryAnswer>('summary'));
      expect((await fetch(`${sidecar.url}/health`)).status).toBe(200);
      const answers = await Promise.all(questions);
      expect(answers.map(({ trades }) => trades)).toEqual(answers.map(() => 20_000));
    });

    it('exports every row', async () => {
      const text = await (await fetch(`${sidecar.url}/analytics/export`)).text();
      expect(text.split('\n').length).toBe(20_002);
      const table = await tableFromIPC(fetch(`${sidecar.url}/analytics/export?format=arrow`));
      expect(table.numRows).toBe(20_000);
      expect(table.batches.length).toBe(10);
      expect([0, 1, 2047, 2048, 19_999].map((row) => table.getChild('qty')?.get(row) as unknown)).toEqual([
        4000, 4001, 6047, 6048, 23_999,
      ]);
    });
  });

  it('keeps nothing where the frame is turned off, and applies trades all the same', async () => {
    sidecar = await startSidecar({ ANALYTICS_FRAME_ROWS: 0 });
    await sidecar.connect().send(JSON.stringify(trade()));
    await until('it is applied', async () => (await sidecar.metric('trades_total{side="buy"}')) === 1);
    expect(await ask('summary')).toMatchObject({ trades: 0, complete: false, qty: { mean: null } });
    expect(await sidecar.metric('trading_window_trades{side="all",window="1m"}')).toBe(1);
    await sidecar.close();
  });
});
