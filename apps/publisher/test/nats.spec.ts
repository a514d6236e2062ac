import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { describeWith } from '../../../testing/installed.js';
import { NatsServer } from '../../../testing/nats.js';
import { LinkService } from '../src/publishing/link.service.js';
import type { PublisherConfig } from '../src/config/publisher.config.js';
import { startPublisher, until } from './publisher.fixture.js';

describeWith('nats-server', 'over NATS, the publisher', () => {
  const lines: string[] = [];
  let broker: NatsServer;
  let folder: string;
  let app: NestFastifyApplication | undefined;

  beforeAll(async () => {
    broker = await NatsServer.start();
    folder = await mkdtemp(join(tmpdir(), 'publisher-nats-'));
  });
  afterAll(async () => {
    await broker.dispose();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    lines.length = 0;
    for (const level of ['log', 'warn'] as const) {
      jest
        .spyOn(Logger.prototype, level)
        .mockImplementation((...said: unknown[]) => void lines.push(String(said[0])));
    }
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    jest.restoreAllMocks();
  });

  async function start(settings: Partial<PublisherConfig> = {}): Promise<NestFastifyApplication> {
    app = await startPublisher({ NATS_URL: [broker.url], ...settings });
    return app;
  }

  async function startConnected(settings: Partial<PublisherConfig> = {}): Promise<LinkService> {
    const link = (await start(settings)).get(LinkService);
    await until(() => link.isUp);
    return link;
  }

  async function post(url: string, payload: object = { qty: 1 }, headers = {}) {
    if (app === undefined) throw new Error('start the publisher first');
    return app.inject({ method: 'POST', url, payload, headers });
  }

  async function metric(name: string): Promise<number> {
    const { body } = (await app?.inject('/metrics')) ?? { body: '' };
    const line = body.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  }

  describe.each(['at-most-once', 'acknowledged', 'durable'] as const)('with DELIVERY=%s', (DELIVERY) => {
    const settings = (): Partial<PublisherConfig> => ({ DELIVERY, SPOOL_DIR: join(folder, DELIVERY) });

    it('answers wait=stored when the broker has the event, with the event and its id', async () => {
      await startConnected(settings());
      const answer = await post('/trade/buy?wait=stored', { qty: 2.5 });
      expect(answer.statusCode).toBe(202);
      expect(answer.json()).toMatchObject({ type: 'trade', side: 'buy', qty: 2.5 });
      expect(answer.headers['trading-event-id']).toMatch(/-\d+$/);
      const many = await post('/trades?wait=stored', [{ side: 'buy' }, { side: 'up' }, { side: 'sell' }]);
      expect(many.statusCode).toBe(202);
      expect(many.json()).toMatchObject({ accepted: 2, stored: 2, failed: [], refused: [{ index: 1 }] });
      expect(many.json()).not.toHaveProperty('applied');
      expect(await metric('trading_transport_sent_total')).toBe(3);
      expect(await metric('trading_delivery_acknowledged_total')).toBe(3);
      expect(await metric('trading_transport_batches_total{direction="out"}')).toBe(2);
      expect(await metric('trading_transport_bytes_total{direction="out"}')).toBeGreaterThan(100);
      expect(await metric('trading_stage_latency_seconds_count{stage="accepted_to_sent"}')).toBe(3);
      expect(await metric('trading_spool_events')).toBe(0);
      expect(await metric('trading_transport_link_up')).toBe(1);
      expect(await metric('trading_delivery_credit')).toBeGreaterThan(0);
      expect(await metric('trading_transport_round_trip_seconds')).toBeGreaterThan(0);
    });
  });

  it('answers wait=applied by 400, which names what to use instead', async () => {
    await startConnected();
    for (const url of ['/trade/buy?wait=applied', '/trades?wait=applied']) {
      const answer = await post(url, url.startsWith('/trades') ? [{ side: 'buy' }] : {});
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({
        errors: [{ field: 'wait', rule: 'link', message: expect.stringContaining('use wait=stored') }],
      });
    }
  });

  it('keeps events while the broker is away, says so everywhere, and stores each once when it is back', async () => {
    const link = await startConnected({ APPLIED_TIMEOUT_MS: 300 });
    await broker.stop();
    await until(() => lines.some((line) => line.startsWith('the broker is gone')));
    const late = await post('/trade/buy?wait=stored');
    expect(late.statusCode).toBe(504);
    expect(late.json()).toMatchObject({
      eventId: late.headers['trading-event-id'],
      detail: expect.stringContaining('the broker did not store it in time'),
    });
    const notice = expect.stringMatching(/^The NATS broker does not answer\. Events are kept in memory/);
    expect((await post('/trade/buy')).json()).toMatchObject({ notice, queued: 2 });
    const health = await app?.inject('/health');
    expect(health?.statusCode).toBe(200);
    expect(health?.json()).toMatchObject({
      status: 'degraded',
      details: {
        link: { state: 'disconnected', notice },
        delivery: { mode: 'acknowledged', spooledEvents: 2 },
      },
    });
    expect((await app?.inject('/plain'))?.body).toContain('Link to the broker: <strong>disconnected');
    expect(await metric('trading_transport_queue_depth')).toBe(2);
    expect(await metric('trading_delivery_credit')).toBe(0);
    await broker.start();
    await until(() => link.waiting === 0);
    expect((await post('/trade/buy?wait=stored')).statusCode).toBe(202);
    expect(link.stats()).toMatchObject({ accepted: 3, sent: 3, reconnects: 1 });
    await until(() => lines.some((line) => line.startsWith('the broker is back')));
    const said = lines.filter((line) => /broker|NATS server/.test(line));
    expect(said).toEqual([
      expect.stringMatching(/^the broker is gone: The NATS broker does not answer\./),
      'the broker is back; 2 events waited for it',
    ]);
  });

  it('starts without a broker, and says once why', async () => {
    await broker.stop();
    const link = (await start()).get(LinkService);
    expect((await post('/trade/buy')).statusCode).toBe(202);
    await until(() => lines.some((line) => line.startsWith('no NATS server answers')));
    await broker.start();
    await until(() => link.isUp && link.waiting === 0);
    expect(lines.filter((line) => line.startsWith('no NATS server answers'))).toHaveLength(1);
  });

  it('answers 503 without room, names the outbox, and is down', async () => {
    await broker.stop();
    await start({ OUTBOX_MAX_EVENTS: 2 });
    expect((await post('/trade/buy')).statusCode).toBe(202);
    expect((await post('/trade/buy')).statusCode).toBe(202);
    const refused = await post('/trade/buy?wait=stored');
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json()).toMatchObject({
      errors: [{ field: 'outbox', rule: 'capacity', message: expect.stringContaining('the outbox is full') }],
    });
    expect((await app?.inject('/health'))?.statusCode).toBe(503);
    await broker.start();
  });

  it('gives the first answer to a post that is made again with its Idempotency-Key', async () => {
    const link = await startConnected();
    const key = { 'idempotency-key': 'a-post' };
    const first = await post('/trade/buy?wait=stored', { qty: 7 }, key);
    const second = await post('/trade/buy?wait=stored', { qty: 7 }, key);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.headers['trading-event-id']).toBe(first.headers['trading-event-id']);
    expect(link.stats().sent).toBe(1);
  });

  it('is down while a stream that does not fit has its name, and recovers', async () => {
    const link = await startConnected({ NATS_STREAM: 'DESK' });
    const { jetstreamManager } = await import('@nats-io/jetstream');
    const { connect } = await import('@nats-io/transport-node');
    const connection = await connect({ servers: broker.url });
    const manager = await jetstreamManager(connection);
    await manager.streams.delete('DESK');
    await manager.streams.add({ name: 'DESK', subjects: ['other.*'] });
    await post('/trade/buy');
    await until(() => link.state === 'refused');
    const down = await app?.inject('/health');
    expect(down?.statusCode).toBe(503);
    expect(down?.json()).toMatchObject({
      details: { link: { status: 'down', notice: expect.stringContaining('the stream DESK does not fit') } },
    });
    expect((await app?.inject('/health/live'))?.statusCode).toBe(200);
    await manager.streams.delete('DESK');
    await until(() => link.isUp && link.waiting === 0);
    expect(lines.filter((line) => line.includes('the stream DESK does not fit'))).toHaveLength(1);
    await connection.close();
  });

  it.each([
    ['NATS_REPLICAS', { NATS_REPLICAS: 3 }, /replicas/],
    ['NATS_STREAM', { NATS_STREAM: 'QUEUE' }, /its retention is workqueue/],
  ] as const)('does not start where %s does not fit the broker', async (key, settings, message) => {
    if (key === 'NATS_STREAM') {
      const { jetstreamManager } = await import('@nats-io/jetstream');
      const { connect } = await import('@nats-io/transport-node');
      const connection = await connect({ servers: broker.url });
      const manager = await jetstreamManager(connection);
      await manager.streams.add({ name: 'QUEUE', subjects: ['queue.*'], retention: 'workqueue' });
      await connection.close();
    }
    await expect(start({ NATS_STREAM: 'ONE_COPY', ...settings })).rejects.toMatchObject({
      faults: [{ key, message: expect.stringMatching(message) }],
    });
  });

  it('does not start on a spool that another process has', async () => {
    const settings: Partial<PublisherConfig> = {
      NATS_URL: [broker.url],
      DELIVERY: 'durable',
      SPOOL_DIR: join(folder, 'one'),
    };
    await start(settings);
    await expect(startPublisher(settings)).rejects.toMatchObject({ faults: [{ key: 'SPOOL_DIR' }] });
  });
});
