import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZmqClient } from '@app/zmq-transport';
import { stringify } from 'yaml';
import type { SidecarConfig } from '../src/config/sidecar.config.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

const ORDERS = {
  schema: { type: 'object', required: ['venue'], properties: { venue: { type: 'string' } } },
  metrics: [
    { counter: 'orders_total', help: 'Orders.', labels: { venue: { from: '/venue', max: 2 }, desk: 'fx' } },
    { histogram: 'order_seconds', help: 'Time.', value: '/ms', scale: 0.001, buckets: [0.01, 0.1] },
  ],
};
/** The three metrics of the contract, as a file would write them. */
const DEALS = {
  metrics: [
    { counter: 'deals_total', help: 'Deals.', labels: { side: { from: '/side', values: ['buy', 'sell'] } } },
    {
      counter: 'deal_volume_total',
      help: 'Volume.',
      labels: { side: { from: '/side', values: ['buy', 'sell'] } },
      value: '/qty',
    },
    { gauge: 'last_deal_ts_seconds', help: 'Last.', value: '/ts' },
  ],
};

/** The samples of these names, without the names. */
async function samplesOf(url: string, names: readonly string[]): Promise<string[][]> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  return names.map((name) =>
    lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length)),
  );
}

/** The event itself is what travels, as the publisher sends it. */
const BARE = { serializer: { serialize: ({ data }: { readonly data: unknown }) => data as object } };

describe('a sidecar with SIDECAR_METRICS', () => {
  let folder: string;
  let path: string;
  let sidecar: SidecarUnderTest | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-metrics-'));
    path = join(folder, 'metrics.yml');
  });

  afterEach(async () => {
    await sidecar?.close();
    sidecar = undefined;
    await rm(folder, { recursive: true });
  });

  /** Closes an earlier one. */
  async function start(events: object, settings: Partial<SidecarConfig> = {}): Promise<SidecarUnderTest> {
    await write(events);
    await sidecar?.close();
    sidecar = await startSidecar({ SIDECAR_METRICS: path, ...settings });
    return sidecar;
  }

  async function write(events: object): Promise<void> {
    await writeFile(path, stringify({ events }));
  }

  it('gives what the built-in metrics give, when a file writes them for another type', async () => {
    const { connect, url, metric } = bound(await start({ deal: DEALS }));
    const deals = ['deals_total', 'deal_volume_total', 'last_deal_ts_seconds'];
    const trades = ['trades_total', 'volume_total', 'last_trade_ts_seconds'];
    expect(await samplesOf(url, deals)).toEqual(await samplesOf(url, trades));
    const socket = connect();
    const events = Array.from({ length: 500 }, (_, n) =>
      trade({ side: n % 3 === 0 ? 'sell' : 'buy', qty: n / 7, ts: 1_795_345_871 + n / 1000 }),
    );
    const both = [...events, ...events.map((event) => ({ ...event, type: 'deal' }))];
    await socket.send(JSON.stringify(both));
    await socket.send(JSON.stringify({ ...trade({ ts: 5 }), type: 'deal' }));
    await socket.send(JSON.stringify(trade({ ts: 5 })));
    await until('all is counted', async () => (await metric('last_trade_ts_seconds')) === 5);
    expect(await samplesOf(url, deals)).toEqual(await samplesOf(url, trades));
    expect(await metric('trading_configured_events_total{type="deal"}')).toBe(501);
  });

  it('counts good events of a mixed batch, and rejects the others with a reason and a letter', async () => {
    const { connect, metric, rejections, letters } = bound(await start({ order: ORDERS }));
    const order = { type: 'order', venue: 'X', ms: 50 };
    await connect().send(
      JSON.stringify([
        order,
        { ...order, venue: 5 },
        trade(),
        { ...order, ms: '50' },
        { ...order, type: 'quote' },
        { ...order, venue: 'Y', ms: 5 },
        { ...order, venue: 'Z' },
        { ...order, venue: 'v'.repeat(10_240) },
      ]),
    );
    await until('all is dealt with', async () => (await letters()).rejected === 3);
    expect(await rejections()).toEqual({ invalid_event: 1, invalid_value: 1, unknown_type: 1 });
    expect((await letters()).letters.map(({ detail }) => detail)).toEqual([
      '/ms must be a number (order_seconds)',
      '/venue must be string',
      'no handler for quote',
    ]);
    expect(await metric('orders_total{venue="X",desk="fx"}')).toBe(1);
    expect(await metric('orders_total{venue="other",desk="fx"}')).toBe(2);
    expect(await metric('order_seconds_bucket{le="0.1"}')).toBe(4);
    expect(await metric('order_seconds_sum')).toBeCloseTo(0.155);
    expect(await metric('trading_configured_overflow_total')).toBe(2);
    expect(await metric('trades_total{side="buy"}')).toBe(1);
    expect(await metric('trading_transport_received_total')).toBe(8);
    const text = await (
      await fetch(`${sidecar?.url ?? ''}/metrics`, { headers: { accept: 'application/openmetrics-text' } })
    ).text();
    expect(text).toContain('# TYPE orders counter\norders_total{venue="X",desk="fx"} 1\n');
  });

  it('describes its types beside the trade, in the version of the package', async () => {
    const { url } = await start({ order: { ...ORDERS, description: 'An order.' } });
    const document = (await (await fetch(`${url}/asyncapi.json`)).json()) as {
      info: { version: string };
      components: { messages: Record<string, { summary: string }> };
    };
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(document.info.version).toBe(version);
    expect(Object.keys(document.components.messages)).toEqual(['trade', 'order']);
    expect(document.components.messages['order']?.summary).toBe('An order.');
    const page = await (await fetch(`${url}/asyncapi`)).text();
    expect(page).toContain('<code>orders_total</code>');
  });

  it('replays a letter of a configured type once it can be counted', async () => {
    const { connect, letters, metric, url } = bound(await start({ order: ORDERS }));
    await connect().send(JSON.stringify({ type: 'order', venue: 'X', ms: 5, fixed: true }));
    await connect().send(JSON.stringify({ type: 'order', venue: 7, ms: 5 }));
    await until('one is rejected', async () => (await letters()).kept === 1);
    const [letter] = (await letters()).letters;
    expect(letter?.replayable).toBe(false);
    const replay = (): Promise<Response> =>
      fetch(`${url}/dead-letters/${letter?.id ?? ''}/replay`, { method: 'POST' });
    expect((await replay()).status).toBe(422);

    await write({ order: { metrics: ORDERS.metrics } });
    await until('the file is read again', async () => (await letters()).letters[0]?.replayable === true);
    expect((await replay()).status).toBe(200);
    expect(await (await replay()).json()).toMatchObject({ alreadyReplayed: true, event: { venue: 7 } });
    expect(await metric('orders_total{venue="7",desk="fx"}')).toBe(1);
    expect(await metric('trading_configured_events_total{type="order"}')).toBe(2);
  });

  it('goes on counting after a restart where state is kept, and leaves out what is not in the file any more', async () => {
    const settings = { SIDECAR_STATE_DIR: join(folder, 'state') };
    const first = await start({ order: ORDERS, deal: DEALS }, settings);
    await first.connect().send(
      JSON.stringify([
        { type: 'order', venue: 'X', ms: 5 },
        { type: 'order', venue: 'Y', ms: 50 },
        { type: 'order', venue: 'Z', ms: 500 },
        { ...trade({ qty: 2.5, ts: 7 }), type: 'deal' },
      ]),
    );
    await until('all is counted', async () => (await first.metric('last_deal_ts_seconds')) === 7);
    const second = bound(await start({ order: ORDERS, deal: { metrics: DEALS.metrics.slice(1) } }, settings));
    expect(await second.metric('orders_total{venue="Y",desk="fx"}')).toBe(1);
    expect(await second.metric('orders_total{venue="other",desk="fx"}')).toBe(1);
    expect(await second.metric('order_seconds_bucket{le="0.1"}')).toBe(2);
    expect(await second.metric('order_seconds_sum')).toBeCloseTo(0.555);
    expect(await second.metric('deal_volume_total{side="buy"}')).toBe(2.5);
    await second.connect().send(JSON.stringify({ type: 'order', venue: 'Q', ms: 5 }));
    await until('one more', async () => (await second.metric('order_seconds_count')) === 4);
    // The bound holds over the restart: X and Y have the two places.
    expect(await second.metric('orders_total{venue="other",desk="fx"}')).toBe(2);
    const third = await start({ order: ORDERS, deal: DEALS }, settings);
    expect(await third.metric('order_seconds_count')).toBe(4);
    expect(await third.metric('deals_total{side="buy"}')).toBe(0);
  });

  describe('whose file changes', () => {
    it('serves new types, keeps the counts of what stays, and refuses types that left', async () => {
      const { connect, metric, rejections } = bound(await start({ order: ORDERS, deal: DEALS }));
      const socket = connect();
      await socket.send(JSON.stringify({ type: 'order', venue: 'X', ms: 5 }));
      await socket.send(JSON.stringify({ ...trade(), type: 'deal' }));
      await until('both are counted', async () => (await metric('deals_total{side="buy"}')) === 1);
      const [counter] = ORDERS.metrics;
      await write({
        order: { metrics: [counter] },
        fill: { metrics: [{ counter: 'fills_total', help: 'Fills.' }] },
      });
      await until('the file is read again', async () => (await metric('fills_total')) === 0);
      await socket.send(
        JSON.stringify([{ type: 'order', venue: 'X' }, { type: 'fill' }, { ...trade(), type: 'deal' }]),
      );
      await until('all is dealt with', async () => (await rejections()).unknown_type === 1);
      expect(await metric('orders_total{venue="X",desk="fx"}')).toBe(2);
      expect(await metric('fills_total')).toBe(1);
      expect(await metric('order_seconds_sum')).toBeNaN();
      expect(await metric('deals_total{side="buy"}')).toBeNaN();
    });

    it('goes on with the earlier file while the new one has faults, and says so', async () => {
      const { connect, metric } = bound(await start({ order: ORDERS }));
      expect(await metric('trading_metrics_file_valid')).toBe(1);
      await writeFile(path, 'events: { order: { metrics: [{ counter: orders }] } }');
      await until('the fault is shown', async () => (await metric('trading_metrics_file_valid')) === 0);
      await connect().send(JSON.stringify({ type: 'order', venue: 'X', ms: 5 }));
      await until('the event is counted', async () => (await metric('order_seconds_count')) === 1);
      await rm(path);
      await write({ order: ORDERS });
      await until('all is well again', async () => (await metric('trading_metrics_file_valid')) === 1);
      expect(await metric('order_seconds_count')).toBe(1);
    });

    it('hears of new types over PUB/SUB too', async () => {
      const { server, metric } = bound(await start({ order: ORDERS }, { ZMQ_PAIR: 'pub-sub' }));
      const client = new ZmqClient({ ...BARE, pair: 'pub-sub', connect: [...server.boundAddresses] });
      await client.open();
      const emit = (type: string): void => void client.offer(type, { type, venue: 'X', ms: 1 });
      await until('orders come', async () => {
        emit('order');
        return (await metric('order_seconds_count')) > 0;
      });
      await write({ order: ORDERS, fill: { metrics: [{ counter: 'fills_total', help: 'Fills.' }] } });
      await until('the file is read again', async () => (await metric('fills_total')) === 0);
      await until('fills come', async () => {
        emit('fill');
        return (await metric('fills_total')) > 0;
      });
      expect(await metric('trading_events_rejected_total{reason="unknown_type"}')).toBe(0);
      await client.close();
    });
  });

  it('acknowledges configured events when they are counted', async () => {
    const { server, metric } = bound(await start({ order: ORDERS }, { DELIVERY: 'acknowledged' }));
    const client = new ZmqClient({
      ...BARE,
      pair: 'dealer-router',
      connect: [...server.boundAddresses],
      delivery: { mode: 'acknowledged' },
    });
    await client.open();
    const { applied } = await client.deliver('order', { type: 'order', venue: 'X', ms: 5 });
    const refused = await client.deliver('order', { type: 'order', ms: 5 });
    await expect(refused.applied).rejects.toThrow(/venue/);
    await applied;
    expect(await metric('order_seconds_count')).toBe(1);
    await client.close();
  });
});

/** Its methods, so that they can be taken apart. */
function bound(sidecar: SidecarUnderTest): SidecarUnderTest {
  return {
    app: sidecar.app,
    server: sidecar.server,
    url: sidecar.url,
    connect: () => sidecar.connect(),
    metric: (sample) => sidecar.metric(sample),
    rejections: () => sidecar.rejections(),
    letters: (query) => sidecar.letters(query),
    close: () => sidecar.close(),
  };
}
