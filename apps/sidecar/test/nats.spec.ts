import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { describeWith } from '../../../testing/installed.js';
import { NatsProgram, NatsServer, type NatsServerOptions } from '../../../testing/nats.js';
import { appliedTrades, countOf } from '../../../testing/samples.js';
import type { SidecarConfig } from '../src/config/sidecar.config.js';
import { RejectionsService } from '../src/intake/rejections/rejections.service.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

const REPLAYED = 'trading_dead_letters_replayed_total';

const status = async ({ url }: SidecarUnderTest, path = ''): Promise<number> =>
  (await fetch(`${url}/health${path}`)).status;
const counted = async ({ url }: SidecarUnderTest): Promise<number> => countOf(await appliedTrades(url));
const untilCounted = (sidecar: SidecarUnderTest, count: number): Promise<void> =>
  until(`${count} trades`, async () => (await counted(sidecar)) >= count);
const inWindow = (sidecar: SidecarUnderTest): Promise<number> =>
  sidecar.metric('trading_window_trades{side="all",window="5m"}');
const rows = async ({ url }: SidecarUnderTest): Promise<unknown> =>
  (await fetch(`${url}/analytics/summary?side=all&last=5m`)).json();

/** Orders by venue, and those of each partition within 10 ms. */
const shown = async (sidecar: SidecarUnderTest): Promise<number[]> =>
  Promise.all(
    [
      'orders_total{venue="X",partition="0"}',
      'orders_total{venue="other",partition="0"}',
      'orders_total{venue="Z",partition="1"}',
      'order_seconds_bucket{le="0.01",partition="0"}',
      'order_seconds_bucket{le="0.01",partition="1"}',
    ].map((sample) => sidecar.metric(sample)),
  );

describeWith('nats-server', 'a sidecar behind a broker', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let broker: NatsServer;
  let program: NatsProgram;

  beforeEach(async () => {
    broker = await NatsServer.start();
    closing.push(() => broker.dispose());
    program = await NatsProgram.connect(broker.url);
    closing.push(() => program.close());
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function start(settings: Partial<SidecarConfig> = {}): Promise<SidecarUnderTest> {
    const sidecar = await startSidecar({ NATS_URL: [broker.url], NATS_PARTITIONS: 2, ...settings });
    let isClosed = false;
    const close = sidecar.close.bind(sidecar);
    sidecar.close = async () => {
      if (!isClosed) await close();
      isClosed = true;
    };
    closing.push(() => sidecar.close());
    return sidecar;
  }

  it('counts by partition, and says the same everywhere', async () => {
    const sidecar = await start();
    await program.publish('trades.0', trade({ qty: 2 }));
    await program.publish('trades.1', [trade({ side: 'sell', qty: 3, ts: 7 }), trade({ qty: 0.5, ts: 6 })]);
    await untilCounted(sidecar, 3);
    expect(await sidecar.metric('trades_total{side="buy",partition="0"}')).toBe(1);
    expect(await sidecar.metric('trades_total{side="sell",partition="0"}')).toBe(0);
    expect(await sidecar.metric('volume_total{side="sell",partition="1"}')).toBe(3);
    expect(await sidecar.metric('last_trade_ts_seconds')).toBeGreaterThan(7);
    expect(await inWindow(sidecar)).toBe(3);
    expect(await rows(sidecar)).toMatchObject({ trades: 3, volume: 5.5 });
    expect(await sidecar.metric('trading_transport_received_total')).toBe(3);
    expect(await sidecar.metric('trading_transport_batches_total{direction="in"}')).toBe(2);
    for (const name of ['pending', 'unacknowledged', 'lag_seconds']) {
      expect(await sidecar.metric(`trading_broker_${name}{partition="1"}`)).toBe(0);
    }
  });

  it('counts configured types by partition, in the record of the partition, and shows what is committed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-metrics-'));
    closing.unshift(() => rm(folder, { recursive: true }));
    const SIDECAR_METRICS = join(folder, 'metrics.yml');
    const counter = 'counter: orders_total, help: O., labels: { venue: { from: /venue, max: 1 } }';
    const histogram = 'histogram: order_seconds, help: T., value: /ms, scale: 0.001, buckets: [0.01]';
    await writeFile(SIDECAR_METRICS, `events: { order: { metrics: [{ ${counter} }, { ${histogram} }] } }`);
    const before = await start({ SIDECAR_METRICS });
    const order = { type: 'order', venue: 'X', ms: 5 };
    await program.publish('trades.0', [order, { ...order, venue: 'Y' }, { ...order, ms: 'x' }]);
    await program.publish('trades.1', [{ ...order, venue: 'Z', ms: 50 }, trade()]);
    await until('the orders', async () => (await counted(before)) === 1 && (await shown(before))[1] === 1);
    expect(await shown(before)).toEqual([1, 1, 1, 2, 0]);
    expect(await before.rejections()).toEqual({ invalid_value: 1 });
    await before.close();

    const after = await start({ SIDECAR_METRICS });
    await until('the partitions', async () => (await shown(after)).join() === '1,1,1,2,0');
    await program.publish('trades.1', { ...order, venue: 'Z' });
    await until(
      'one more order',
      async () => (await after.metric('orders_total{venue="Z",partition="1"}')) === 2,
    );
    expect(await counted(after)).toBe(1);
    await after.close();

    // Without the file nothing of it is shown, and nothing of it is lost.
    const without = await start();
    await program.publish('trades.1', trade());
    await untilCounted(without, 2);
    await without.close();
    const again = await start({ SIDECAR_METRICS });
    await until(
      'the partitions',
      async () => (await again.metric('orders_total{venue="Z",partition="1"}')) === 2,
    );
  });

  it('fills windows and recent trades again after a restart, and counts nothing for that', async () => {
    const before = await start();
    for (let n = 0; n < 10; n += 1) await program.publish(`trades.${n % 2}`, [trade(), trade({ qty: -1 })]);
    await untilCounted(before, 10);
    await before.close();
    const after = await start();
    await until('the windows', async () => (await inWindow(after)) >= 10);
    expect(await inWindow(after)).toBe(10);
    expect(await rows(after)).toMatchObject({ trades: 10, volume: 10 });
    expect(await counted(after)).toBe(10);
    expect(await after.rejections()).toEqual({});
    await program.publish('trades.1', trade());
    await untilCounted(after, 11);
    expect(await inWindow(after)).toBe(11);
    expect(await after.metric('trading_receive_latency_seconds_count')).toBe(1);
  });

  it('is not ready while the broker is away, though alive, and goes on by itself', async () => {
    const sidecar = await start();
    await program.publish('trades.0', trade());
    await untilCounted(sidecar, 1);
    await broker.stop();
    await until('it is not ready', async () => (await status(sidecar)) === 503);
    expect(await status(sidecar, '/live')).toBe(200);
    expect(await sidecar.metric('trading_transport_link_up')).toBe(0);
    expect(await counted(sidecar)).toBe(1);
    await broker.start();
    await until('it is ready', async () => (await status(sidecar)) === 200);
    expect(await sidecar.metric('trading_transport_disconnects_total')).toBe(1);
    const again = await NatsProgram.connect(broker.url);
    closing.push(() => again.close());
    await again.publish('trades.1', trade());
    await untilCounted(sidecar, 2);
    // What it had seen itself is not read a second time.
    expect(await inWindow(sidecar)).toBe(2);
  });

  it('goes on after its consumers, and then its stream, were deleted', async () => {
    const sidecar = await start();
    await program.publish('trades.0', trade());
    await untilCounted(sidecar, 1);
    const manager: JetStreamManager = await jetstreamManager(program.connection);
    for await (const { name } of manager.consumers.list('TRADES')) {
      await manager.consumers.delete('TRADES', name);
    }
    await program.publish('trades.0', trade());
    await untilCounted(sidecar, 2);
    await manager.streams.delete('TRADES');
    // The broker names a new stream before it takes events for it.
    await until('another stream that takes a trade', async () => {
      await program.publish('trades.0', trade());
      return true;
    });
    await untilCounted(sidecar, 3);
    expect(await counted(sidecar)).toBe(3);
    await until('it is ready', async () => (await status(sidecar)) === 200);
  });

  it('sends a dead letter in once more, through the stream, once', async () => {
    const sidecar = await start();
    await program.publish('trades.0', trade({ qty: -1 }));
    await until('the letter', async () => (await sidecar.letters()).letters.length === 1);
    const [bad] = (await sidecar.letters()).letters;
    expect((await fetch(`${sidecar.url}/dead-letters/${bad?.id}/replay`, { method: 'POST' })).status).toBe(
      422,
    );
    const event = trade({ qty: 4 });
    sidecar.app
      .get(RejectionsService)
      .reject({ reason: 'handler_failed', detail: 'boom', content: event, receivedAtSeconds: 5 });
    const { id } = (await sidecar.letters()).letters[0] ?? {};
    const replay = async (): Promise<unknown> =>
      (await fetch(`${sidecar.url}/dead-letters/${id}/replay`, { method: 'POST' })).json();
    const answers = await Promise.all([replay(), replay(), replay()]);
    expect(answers.filter((answer) => (answer as { alreadyReplayed: boolean }).alreadyReplayed)).toHaveLength(
      2,
    );
    await untilCounted(sidecar, 1);
    expect(await sidecar.metric('volume_total{side="buy",partition="0"}')).toBe(4);
    expect(await sidecar.metric(REPLAYED)).toBe(1);
  });

  it.each<[string, NatsServerOptions, Partial<SidecarConfig>, RegExp]>([
    ['without JetStream', { jetstream: false }, {}, /^NATS_URL: the NATS server has no JetStream/],
    [
      'that does not know the user',
      { user: { name: 'desk', password: 'right' } },
      {},
      /^NATS_URL: the broker denies the credentials/,
    ],
    ['that is alone', {}, { NATS_REPLICAS: 3 }, /^NATS_REPLICAS: .*replicas/],
  ])('does not start with a broker %s, and names the setting', async (_, options, settings, words) => {
    const other = await NatsServer.start(options);
    closing.push(() => other.dispose());
    await expect(start({ NATS_URL: [other.url], ...settings })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: expect.stringMatching(words),
    });
  });
});
