import { once } from 'node:events';
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import type { StatisticsItem } from '../src/http/live-stream.js';
import type { StreamItem, TotalsItem, TradeItem } from '../src/http/live-stream.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

/** A reader of a server-sent event stream. Not fetch, whose spare connections would keep the server from closing. */
class Listener {
  readonly items: StreamItem[] = [];
  messages = 0;
  private rest = '';

  private constructor(
    private readonly request: ClientRequest,
    readonly contentType: string | undefined,
  ) {}

  static async open(url: string): Promise<Listener> {
    const request = get(`${url}/stream`, { agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const listener = new Listener(request, response.headers['content-type']);
    response.setEncoding('utf8').on('data', (chunk: string) => listener.read(chunk));
    return listener;
  }

  close(): void {
    this.request.destroy();
  }

  private read(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines.filter((candidate) => candidate.startsWith('data: ['))) {
      this.messages += 1;
      this.items.push(...(JSON.parse(line.slice(6)) as StreamItem[]));
    }
  }
}

const trades = (items: StreamItem[]): TradeItem[] => items.filter((item) => item.kind === 'trade');
const totals = (items: StreamItem[]): TotalsItem[] => items.filter((item) => item.kind === 'totals');
const statistics = (items: StreamItem[]): StatisticsItem[] =>
  items.filter((item) => item.kind === 'statistics');

describe('GET /stream', () => {
  let sidecar: SidecarUnderTest;
  let listener: Listener | undefined;

  beforeEach(async () => {
    sidecar = await startSidecar();
  });

  afterEach(async () => {
    listener?.close();
    await sidecar.close();
  });

  it('opens with the totals of what came before, then shows each trade with its latency', async () => {
    const socket = sidecar.connect();
    await socket.send(JSON.stringify(trade({ qty: 2 })));
    await until('it is applied', async () => (await sidecar.metric('trades_total{side="buy"}')) === 1);

    listener = await Listener.open(sidecar.url);
    const { items } = listener;
    await until('the totals came', () => totals(items).length === 1);
    expect(listener.contentType).toMatch(/^text\/event-stream/);
    expect(totals(items)).toEqual([
      {
        kind: 'totals',
        totals: { buy: { trades: 1, volume: 2 }, sell: { trades: 0, volume: 0 } },
        rejected: 0,
        leftOut: 0,
      },
    ]);

    const event = trade({ side: 'sell', qty: 0.5, symbol: 'ETHUSDT', price: 432.1 });
    await socket.send(JSON.stringify([event, { bad: true }]));
    await until('new totals came', () => totals(items).at(-1)?.rejected === 1);
    const [shown] = trades(items);
    expect(shown).toMatchObject({
      side: 'sell',
      qty: 0.5,
      ts: event.ts,
      symbol: 'ETHUSDT',
      price: 432.1,
    });
    expect(shown?.latencySeconds).toBe((shown?.receivedAtSeconds ?? 0) - Number(event.ts));
    expect(totals(items).at(-1)?.totals.sell).toEqual({ trades: 1, volume: 0.5 });
  });

  it('shows a part of a flood, says how much it left out, and sends at most ten messages a second', async () => {
    listener = await Listener.open(sidecar.url);
    const { items } = listener;
    await until('the stream is open', () => items.length > 0);
    const startedAt = Date.now();
    const socket = sidecar.connect();
    const batch = JSON.stringify(Array.from({ length: 1000 }, () => trade()));
    for (let sent = 0; sent < 20; sent += 1) await socket.send(batch);
    await until('the last totals came', () => totals(items).at(-1)?.totals.buy.trades === 20_000);

    const leftOut = totals(items).reduce((sum, item) => sum + item.leftOut, 0);
    expect(trades(items).length + leftOut).toBe(20_000);
    expect(leftOut).toBeGreaterThan(0);
    // Two more than the rate allows: the opening message, and one that was due.
    expect(listener.messages).toBeLessThanOrEqual((Date.now() - startedAt) / 100 + 2);
  });

  it('tells the live statistics at most twice a second, with null for what is not known', async () => {
    listener = await Listener.open(sidecar.url);
    const { items } = listener;
    const startedAt = Date.now();
    await sidecar.connect().send(JSON.stringify([trade({ qty: 1 }), trade({ qty: 3 })]));
    await until('the trades show', () => statistics(items).at(-1)?.windows['1m'].buy.trades === 2);
    const last = statistics(items).at(-1);
    expect(last?.windows['5m'].all).toEqual({ trades: 2, volume: 4, qtyMean: 2, qtyStddev: 1, qtyMax: 3 });
    expect(last?.windows['1m'].sell).toMatchObject({ trades: 0, volume: 0, qtyMax: null });
    expect(last?.volumeEwma.all).toBeCloseTo(4 / 60, 2);
    expect(last?.burstiness).toEqual({ '1m': null, '5m': null });
    expect(last?.latencySeconds['0.5']).toBeGreaterThan(0);
    expect(statistics(items).length).toBeLessThanOrEqual((Date.now() - startedAt) / 500 + 1);
  });

  it('is counted while it is open', async () => {
    listener = await Listener.open(sidecar.url);
    expect(await sidecar.metric('trading_feed_clients')).toBe(1);
    listener.close();
    await until('nobody listens', async () => (await sidecar.metric('trading_feed_clients')) === 0);
  });

  it('is told to nobody else that a reader came, and HEAD opens none', async () => {
    listener = await Listener.open(sidecar.url);
    const { items } = listener;
    await until('the totals came', () => totals(items).length === 1);
    for (let n = 0; n < 20; n += 1) (await Listener.open(sidecar.url)).close();
    expect((await fetch(`${sidecar.url}/stream`, { method: 'HEAD' })).status).toBe(200);
    await sidecar.connect().send(JSON.stringify(trade()));
    await until('the trade shows', () => trades(items).length === 1);
    expect(totals(items.slice(0, items.indexOf(trades(items)[0] as TradeItem)))).toHaveLength(1);
  });

  it('is refused to an address that holds as many as it may, and counted', async () => {
    await sidecar.close();
    sidecar = await startSidecar({ HTTP_STREAMS_PER_ADDRESS: 1 });
    listener = await Listener.open(sidecar.url);
    const refused = await fetch(`${sidecar.url}/stream`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(await sidecar.metric('trading_http_refused_total{reason="too_many_streams"}')).toBe(1);
    expect(await sidecar.metric('trading_http_refused_total{reason="rate"}')).toBe(0);
  });

  it('does not keep the sidecar from closing', async () => {
    listener = await Listener.open(sidecar.url);
    await sidecar.app.close();
    expect(sidecar.server.isReceiving).toBe(false);
  });
});
