import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '@app/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { PublisherConfig } from '../src/config/publisher.config.js';
import { LinkService } from '../src/publishing/link.service.js';
import { Refusals } from '../src/http/refusals.js';
import { AcknowledgingSidecar, refuse, type TradeHandler } from './acknowledging-sidecar.js';
import { startPublisher, until } from './publisher.fixture.js';

const NOBODY = ['tcp://127.0.0.1:1'];

let folder: string;
let app: NestFastifyApplication | undefined;
let sidecar: AcknowledgingSidecar | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publisher-spool-'));
});
afterEach(async () => {
  await app?.close();
  await sidecar?.close();
  app = undefined;
  sidecar = undefined;
  await rm(folder, { recursive: true });
});

async function startSidecar(handle?: TradeHandler): Promise<AcknowledgingSidecar> {
  sidecar = await new AcknowledgingSidecar({ bind: 'tcp://127.0.0.1:*' }, handle).listen();
  return sidecar;
}

async function start(settings: Partial<PublisherConfig>): Promise<NestFastifyApplication> {
  app = await startPublisher({ SPOOL_DIR: folder, ...settings });
  return app;
}

async function post(url: string, payload: object = { qty: 1 }) {
  if (app === undefined) throw new Error('start the publisher first');
  return app.inject({ method: 'POST', url, payload });
}

async function metric(name: string): Promise<number> {
  const { body } = (await app?.inject('/metrics')) ?? { body: '' };
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1]);
}

describe.each(['acknowledged', 'durable'] as const)('with DELIVERY=%s, the publisher', (DELIVERY) => {
  it('answers wait=applied when the sidecar has handled the event, with the event and its id', async () => {
    const { address, quantities } = await startSidecar();
    await start({ DELIVERY, WEBAPP_ZMQ_ADDR: [address] });
    const answer = await post('/trade/buy?wait=applied', { qty: 2.5 });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ type: 'trade', side: 'buy', qty: 2.5 });
    expect(quantities).toEqual([2.5]);
    expect(answer.headers['trading-event-id']).toMatch(/-\d+$/);
    expect(await metric('trading_delivery_acknowledged_total')).toBe(1);
    expect(await metric('trading_spool_events')).toBe(0);
    expect(await metric('trading_delivery_credit')).toBeGreaterThan(0);
  });

  it('answers 504 when the sidecar takes too long: the event is named, not refused, and still arrives', async () => {
    const gate = new EventEmitter();
    const { address, quantities } = await startSidecar(() => once(gate, 'open'));
    await start({ DELIVERY, WEBAPP_ZMQ_ADDR: [address], APPLIED_TIMEOUT_MS: 300 });
    const answer = await post('/trade/buy?wait=applied');
    expect(answer.statusCode).toBe(504);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const { eventId, detail } = answer.json<{ eventId: string; detail: string }>();
    expect(answer.headers['trading-event-id']).toBe(eventId);
    expect(detail).toContain(eventId);
    expect(detail).toContain('still arrives');
    const { body } = (await app?.inject('/metrics')) ?? { body: '' };
    expect(body).not.toMatch(/^trading_publisher_refused_total\{.*\} [1-9]/m);
    expect(body).toContain('trading_publisher_accepted_total{side="buy"} 1');
    gate.emit('open');
    await until(() => quantities.length === 1);
  });

  it('answers 422 when the sidecar refused the event', async () => {
    const { address } = await startSidecar(refuse);
    await start({ DELIVERY, WEBAPP_ZMQ_ADDR: [address] });
    const answer = await post('/trade/buy?wait=applied');
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      reason: 'handler_failed',
      detail: expect.stringContaining('beyond the largest number'),
      eventId: expect.any(String),
    });
    expect(await metric('trading_delivery_failed_total')).toBe(1);
  });

  it('waits for all items of a list, and names those that failed', async () => {
    const { address, quantities } = await startSidecar(({ qty }) => (qty === 2 ? refuse() : undefined));
    await start({ DELIVERY, WEBAPP_ZMQ_ADDR: [address] });
    const items = [
      { side: 'buy', qty: 1 },
      { side: 'up' },
      { side: 'buy', qty: 2 },
      { side: 'sell', qty: 3 },
    ];
    const answer = await post('/trades?wait=applied', items);
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({
      accepted: 3,
      applied: 2,
      refused: [{ index: 1 }],
      failed: [{ index: 2, reason: 'handler_failed' }],
    });
    expect(quantities).toEqual([1, 3]);
  });

  describe('and SPOOL_OVERFLOW=block, while there is no room', () => {
    const room = { SPOOL_OVERFLOW: 'block', OUTBOX_MAX_EVENTS: 1, SPOOL_MAX_BYTES: 1 } as const;
    // The disk of a busy machine has to be faster than this.
    const settings = { ...room, DELIVERY, APPLIED_TIMEOUT_MS: 300 };

    it('answers wait=applied by 504 in time, does not say that the event was taken, and takes it when there is room', async () => {
      const gate = new EventEmitter();
      const { address, quantities } = await startSidecar(() => once(gate, 'open'));
      await start({ ...settings, WEBAPP_ZMQ_ADDR: [address] });
      await post('/trade/buy', { qty: 1 });
      const answer = await post('/trade/buy?wait=applied', { qty: 2 });
      expect(answer.statusCode).toBe(504);
      expect(answer.headers['trading-event-id']).toBeUndefined();
      const { detail, ...rest } = answer.json<{ detail: string }>();
      expect(detail).toContain('may be accepted later');
      expect(detail).not.toContain('it is accepted');
      expect(rest).not.toHaveProperty('eventId');
      expect(await metric('trading_publisher_accepted_total\\{side="buy"\\}')).toBe(1);

      for (const count of [1, 2]) {
        await until(() => gate.listenerCount('open') > 0);
        gate.emit('open');
        await until(() => quantities.length === count);
      }
      expect(quantities).toEqual([1, 2]);
      expect(await metric('trading_publisher_accepted_total\\{side="buy"\\}')).toBe(2);
    });

    it('tells in a list what was taken from what still waits', async () => {
      await start({ ...settings, WEBAPP_ZMQ_ADDR: NOBODY });
      const answer = await post('/trades?wait=applied', [{ side: 'buy' }, { side: 'up' }, { side: 'sell' }]);
      expect(answer.statusCode).toBe(504);
      expect(answer.json()).toMatchObject({
        accepted: 1,
        applied: 0,
        refused: [{ index: 1 }],
        late: [{ index: 0, eventId: expect.any(String) }],
        undecided: [{ index: 2 }],
      });
      const none = await post('/trades?wait=applied', [{ side: 'buy' }]);
      expect(none.statusCode).toBe(504);
      expect(none.json()).toMatchObject({ accepted: 0, late: [], undecided: [{ index: 0 }] });
    });

    it('counts as refused what never finds room', async () => {
      const started = await start({ ...settings, WEBAPP_ZMQ_ADDR: NOBODY });
      await post('/trade/buy');
      expect((await post('/trade/buy?wait=applied')).statusCode).toBe(504);
      const count = jest.spyOn(started.get(Refusals), 'count');
      await started.close();
      app = undefined;
      await until(() => count.mock.calls.length > 0);
      expect(count.mock.calls).toEqual([['outbox_full']]);
    });
  });

  it('names the items of a list that are late', async () => {
    await start({ DELIVERY, WEBAPP_ZMQ_ADDR: NOBODY, APPLIED_TIMEOUT_MS: 300 });
    const answer = await post('/trades?wait=applied', [{ side: 'buy' }, { side: 'sell' }]);
    expect(answer.statusCode).toBe(504);
    expect(answer.json()).toMatchObject({ accepted: 2, applied: 0, late: [{ index: 0 }, { index: 1 }] });
  });

  it('says where events are while no sidecar is there, in answers, health, feed and metrics', async () => {
    await start({ DELIVERY, WEBAPP_ZMQ_ADDR: NOBODY });
    await post('/trade/buy');
    const kept = DELIVERY === 'durable' ? 'kept on disk' : 'kept in memory';
    const answer = (await post('/trade/buy')).json<{ notice: string; queued: number }>();
    expect(answer).toMatchObject({ queued: 2, notice: expect.stringContaining(kept) });
    expect(answer.notice).not.toContain('may be dropped');
    const health = (await app?.inject('/health'))?.json<unknown>();
    expect(health).toMatchObject({
      status: 'degraded',
      details: { delivery: { status: 'up', mode: DELIVERY, spooledEvents: 2, credit: 0 } },
    });
    expect(await metric('trading_spool_events')).toBe(2);
    expect(await metric('trading_spool_bytes')).toBeGreaterThan(100);
    expect(await metric('trading_spool_oldest_seconds')).toBeGreaterThanOrEqual(0);
    expect(await metric('trading_transport_queue_depth')).toBe(DELIVERY === 'durable' ? 0 : 2);
  });

  it('answers wait=stored by 400, which names what to use instead', async () => {
    await start({ DELIVERY, WEBAPP_ZMQ_ADDR: NOBODY });
    const answer = await post('/trade/buy?wait=stored');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      errors: [{ field: 'wait', rule: 'link', message: expect.stringContaining('use wait=applied') }],
    });
  });

  it('answers 400 for another wait', async () => {
    await start({ DELIVERY, WEBAPP_ZMQ_ADDR: NOBODY });
    const answer = await post('/trade/buy?wait=forever');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ field: 'wait', rule: 'isIn' }] });
    expect(
      await metric('trading_publisher_refused_total{reason="invalid_wait"}'.replace(/[{}]/g, '\\$&')),
    ).toBe(1);
  });
});

describe('a publisher whose PRODUCER_ID another one uses', () => {
  it('is told so, says it wherever the link is shown, and goes on taking events', async () => {
    const { address } = await startSidecar();
    const settings: Partial<PublisherConfig> = {
      DELIVERY: 'acknowledged',
      WEBAPP_ZMQ_ADDR: [address],
      PRODUCER_ID: 'desk',
    };
    const first = await startPublisher(settings);
    await until(() => first.get(LinkService).isUp);
    // The id is that of the one who delivers under it.
    await first.inject({ method: 'POST', url: '/trade/buy?wait=applied', payload: { qty: 1 } });
    const second = await start(settings);
    await until(() => second.get(LinkService).state === 'refused');
    const answer = await post('/trade/buy');
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ notice: expect.stringContaining('producer_in_use') });
    const health = await second.inject('/health');
    expect(health.statusCode).toBe(200);
    expect(health.json()).toMatchObject({
      status: 'degraded',
      details: { link: { state: 'refused', notice: expect.stringContaining('producer_in_use') } },
    });
    await first.close();
    await until(() => second.get(LinkService).isUp);
  });
});

describe('with DELIVERY=at-most-once, the publisher', () => {
  it('answers wait=applied by 409 and the setting it needs, and has not taken the event', async () => {
    await start({ WEBAPP_ZMQ_ADDR: NOBODY });
    for (const url of ['/trade/buy?wait=applied', '/trades?wait=applied']) {
      const answer = await post(url, url.startsWith('/trades') ? [{ side: 'buy' }] : {});
      expect(answer.statusCode).toBe(409);
      expect(answer.json<{ detail: string }>().detail).toContain('DELIVERY=acknowledged');
    }
    expect(app?.get(LinkService).waiting).toBe(0);
  });

  it('shows the metrics of delivery at 0', async () => {
    await start({ WEBAPP_ZMQ_ADDR: NOBODY });
    for (const name of [
      'trading_spool_events',
      'trading_spool_oldest_seconds',
      'trading_delivery_resent_total',
    ]) {
      expect(await metric(name)).toBe(0);
    }
  });
});

describe('with DELIVERY=durable, the publisher', () => {
  it('sends after a restart what an earlier one had stored', async () => {
    await start({ DELIVERY: 'durable', WEBAPP_ZMQ_ADDR: NOBODY });
    const items = Array.from({ length: 200 }, (_, qty) => ({ side: 'buy', qty }));
    expect((await post('/trades', items)).statusCode).toBe(202);
    await app?.close();
    const { address, quantities } = await startSidecar();
    await start({ DELIVERY: 'durable', WEBAPP_ZMQ_ADDR: [address] });
    await until(() => quantities.length === 200);
    expect(quantities).toEqual(items.map(({ qty }) => qty));
  });

  it('answers 503 when the spool is full, and is down', async () => {
    await start({ DELIVERY: 'durable', WEBAPP_ZMQ_ADDR: NOBODY, SPOOL_MAX_BYTES: 300 });
    for (let full = false; !full;) full = (await post('/trade/buy')).statusCode === 503;
    const refused = await post('/trade/buy');
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json()).toMatchObject({ errors: [{ field: 'outbox', rule: 'capacity' }] });
    const { body } = (await app?.inject('/metrics')) ?? { body: '' };
    expect(body).toContain('trading_transport_drops_total{reason="outbox_full"} 2');
  });

  it('refuses to start on a spool that another process has, with one line', async () => {
    await start({ DELIVERY: 'durable', WEBAPP_ZMQ_ADDR: NOBODY });
    await expect(
      startPublisher({ SPOOL_DIR: folder, DELIVERY: 'durable', WEBAPP_ZMQ_ADDR: NOBODY }),
    ).rejects.toThrow(ConfigurationError);
  });
});
