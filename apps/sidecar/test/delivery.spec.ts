import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TRADE_PATTERN } from '@app/contracts';
import { ZmqClient } from '@app/zmq-transport';
import type { SidecarConfig } from '../src/config/sidecar.config.js';
import { TradeRecorder } from '../src/counting/trade-recorder.js';
import { startSidecar, trade, type SidecarUnderTest } from './sidecar.fixture.js';

const BUYS = 'trades_total{side="buy"}';

describe.each(['without', 'with'])('a sidecar with DELIVERY=acknowledged, %s kept state', (state) => {
  let folder: string;
  let sidecar: SidecarUnderTest;
  let clients: ZmqClient[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-delivery-'));
    sidecar = await startSidecar(settings());
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
    await sidecar.close();
    await rm(folder, { recursive: true });
  });

  function settings(): Partial<SidecarConfig> {
    return { DELIVERY: 'acknowledged', ...(state === 'with' && { SIDECAR_STATE_DIR: folder }) };
  }

  /** A producer as the publisher is one. */
  function produce(producerId = 'desk'): ZmqClient {
    const client = new ZmqClient({
      pair: 'dealer-router',
      connect: sidecar.server.boundAddresses,
      delivery: { mode: 'acknowledged', producerId },
      serializer: { serialize: ({ data }) => data as object },
      drainTimeoutMs: 0,
    });
    clients.push(client);
    return client;
  }

  it('acknowledges what it has counted', async () => {
    const client = produce();
    const deliveries = await Promise.all(
      Array.from({ length: 100 }, () => client.deliver(TRADE_PATTERN, trade())),
    );
    await Promise.all(deliveries.map(({ applied }) => applied));
    expect(await sidecar.metric(BUYS)).toBe(100);
    expect(await sidecar.metric('trading_delivery_producers')).toBe(1);
    expect(await sidecar.metric('trading_delivery_queued_events')).toBe(0);
    expect((await sidecar.metric('trading_state_commits_total')) > 0).toBe(state === 'with');
  });

  it('tells the producer of an event that breaks the contract, and rejects it once, for its own reason', async () => {
    const client = produce();
    const [bad, good] = await Promise.all([
      client.deliver(TRADE_PATTERN, trade({ qty: -1 })),
      client.deliver(TRADE_PATTERN, trade()),
    ]);
    await expect(bad.applied).rejects.toMatchObject({
      code: 'ERR_ZMQ_EVENT_FAILED',
      message: expect.stringContaining('qty'),
    });
    await good.applied;
    expect(await sidecar.rejections()).toEqual({ invalid_qty: 1 });
    expect(await sidecar.metric('trading_delivery_retries_total')).toBe(0);
    expect(await sidecar.metric('trading_transport_handler_failures_total')).toBe(0);
    expect(await sidecar.metric('trading_transport_drops_total{reason="handler_failed"}')).toBe(0);
  });

  it('tries an event again whose handler fails, and rejects it once in the end', async () => {
    const recorder = sidecar.app.get(TradeRecorder);
    const record = jest.spyOn(recorder, 'record').mockImplementation(() => {
      throw new Error('boom');
    });
    const { applied } = await produce().deliver(TRADE_PATTERN, trade());
    await expect(applied).rejects.toMatchObject({ reason: 'handler_failed' });
    record.mockRestore();
    expect(await sidecar.rejections()).toEqual({ handler_failed: 1 });
    expect(await sidecar.metric('trading_delivery_retries_total')).toBe(3);
    expect(await sidecar.metric('trading_transport_handler_failures_total')).toBe(1);

    const [letter] = (await sidecar.letters()).letters;
    const replayed = await fetch(`${sidecar.url}/dead-letters/${letter?.id}/replay`, { method: 'POST' });
    expect(replayed.status).toBe(200);
    expect(await sidecar.metric(BUYS)).toBe(1);
  });

  it('knows after a restart what it had counted, where it keeps state', async () => {
    const first = produce();
    await (
      await first.deliver(TRADE_PATTERN, trade())
    ).applied;
    const [bind = ''] = sidecar.server.boundAddresses;
    await sidecar.close();
    const waiting = await first.deliver(TRADE_PATTERN, trade());
    sidecar = await startSidecar({ ...settings(), SIDECAR_ZMQ_BIND: [bind] });
    await waiting.applied;
    expect(await sidecar.metric(BUYS)).toBe(state === 'with' ? 2 : 1);
  });
});
