import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Pull } from 'zeromq';
import { LinkService } from '../src/publishing/link.service.js';
import { bindPull, receive, startPublisher, until } from './publisher.fixture.js';

let app: NestFastifyApplication;
let address: string;
let pull: Pull | undefined;

beforeEach(async () => {
  // A port that was free a moment ago, and where nobody listens yet.
  const reserved = await bindPull();
  address = reserved.address;
  await reserved.pull.unbind(address);
  reserved.pull.close();
  app = await startPublisher({ WEBAPP_ZMQ_ADDR: [address], OUTBOX_MAX_EVENTS: 3 });
});
afterEach(async () => {
  await app.close();
  pull?.close();
  pull = undefined;
});

const post = (url: string, payload?: object) =>
  app.inject({ method: 'POST', url, ...(payload && { payload }) });

describe('while no sidecar is there, the publisher', () => {
  it('takes events, and says that they wait and may be dropped', async () => {
    const first = await post('/trade/buy');
    const second = await post('/trades', [{ side: 'sell' }]);
    expect(first.statusCode).toBe(202);
    expect(first.headers['trading-link']).not.toBe('connected');
    expect(first.json()).toMatchObject({
      side: 'buy',
      queued: 1,
      notice: expect.stringContaining('may be dropped'),
    });
    expect(second.json()).toMatchObject({
      accepted: 1,
      queued: 2,
      notice: expect.stringContaining('may be dropped'),
    });
  });

  it('says so on the page and in its health, which is degraded and not down', async () => {
    const page = await app.inject('/');
    expect(page.body).toContain('may be dropped');
    const health = await app.inject('/health');
    expect(health.statusCode).toBe(200);
    expect(health.json()).toMatchObject({ status: 'degraded', details: { outbox: { status: 'up' } } });
  });

  it('delivers what waited once a sidecar comes, and then says no more of it', async () => {
    const sent = (await post('/trade/buy', { qty: 5 })).json<{ ts: number; qty: number }>();
    pull = new Pull({ linger: 0 });
    await pull.bind(address);
    expect(await receive(pull, 1)).toEqual([{ type: 'trade', side: 'buy', qty: 5, ts: sent.ts }]);
    await until(() => app.get(LinkService).isUp);
    expect((await post('/trade/buy')).json()).not.toHaveProperty('notice');
  });

  it('answers 503 with Retry-After when the queue is full, counts it, and is unhealthy', async () => {
    await post('/trades', [{ side: 'buy' }, { side: 'buy' }, { side: 'buy' }]);
    const refused = await post('/trade/sell');
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json()).toMatchObject({ status: 503, errors: [{ field: 'outbox', rule: 'capacity' }] });
    expect((await app.inject('/health')).statusCode).toBe(503);
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
    // A restart would lose what waits.
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    const metrics = (await app.inject('/metrics/')).body;
    expect(metrics).toContain('trading_publisher_refused_total{reason="outbox_full"} 1');
    expect(metrics).toContain('trading_publisher_accepted_total{side="sell"} 0');
  });

  it('takes of a list what finds room and refuses the rest by name', async () => {
    const items = [{ side: 'buy' }, { side: 'up' }, { side: 'buy' }, { side: 'buy' }, { side: 'sell' }];
    const partly = await post('/trades', items);
    expect(partly.statusCode).toBe(202);
    expect(partly.json()).toMatchObject({
      accepted: 3,
      refused: [
        { index: 1, errors: [{ field: 'side' }] },
        { index: 4, errors: [{ field: 'outbox', rule: 'capacity' }] },
      ],
    });
    const none = await post('/trades', [{ side: 'buy' }]);
    expect(none.statusCode).toBe(503);
    expect(none.headers['retry-after']).toBe('1');
    expect(none.json()).toMatchObject({
      accepted: 0,
      refused: [{ index: 0, errors: [{ field: 'outbox' }] }],
    });
  });
});
