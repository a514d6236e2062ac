import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import type { DemoStatusDto } from '../src/http/demo.controller.js';
import { DemoService } from '../src/http/demo.service.js';
import type { PublisherConfig } from '../src/config/publisher.config.js';
import { receive, startLinked, startPublisher, until } from './publisher.fixture.js';

interface Trade {
  readonly side: string;
  readonly qty: number;
  readonly symbol: string;
  readonly price: number;
}

let app: NestFastifyApplication;
let pull: Pull | undefined;

async function begin(settings: Partial<PublisherConfig> = {}): Promise<void> {
  ({ app, pull } = await startLinked({ DRAIN_TIMEOUT_MS: 5000, ...settings }));
}
afterEach(async () => {
  await app.close();
  pull?.close();
  pull = undefined;
});

async function ask(method: 'GET' | 'POST' | 'DELETE', payload?: object, headers = {}) {
  const answer = await app.inject({ method, url: '/demo', ...(payload && { payload }), headers });
  return { status: answer.statusCode, body: answer.json<DemoStatusDto & { errors?: unknown }>() };
}
const status = (): DemoStatusDto => app.get(DemoService).status;

/** Sum of the publisher's counter over the sides. */
async function acceptedInMetrics(): Promise<number> {
  const { body } = await app.inject('/metrics');
  const values = [...body.matchAll(/^trading_publisher_accepted_total\{side="\w+"\} (\d+)$/gm)];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

const WRONG: readonly [object, string, string][] = [
  [{ rate: 201 }, 'rate', 'max'],
  [{ rate: 0 }, 'rate', 'min'],
  [{ rate: '20' }, 'rate', 'isNumber'],
  [{ rate: null }, 'rate', 'isNumber'],
  [{ rate: [20] }, 'rate', 'isNumber'],
  [{ seconds: 601 }, 'seconds', 'max'],
  [{ seconds: -1 }, 'seconds', 'min'],
  [{ seconds: {} }, 'seconds', 'isNumber'],
];

describe('the demo', () => {
  it('rests until somebody starts it, gently', async () => {
    await begin();
    const resting = { available: true, running: false, rate: 0, accepted: 0, refused: 0, endsAt: null };
    expect(await ask('GET')).toEqual({ status: 200, body: resting });
    const before = Date.now() / 1000;
    const started = await ask('POST');
    expect(started).toMatchObject({ status: 202, body: { available: true, running: true, rate: 20 } });
    expect(started.body.endsAt).toBeGreaterThanOrEqual(before + 300);
    expect(started.body.endsAt).toBeLessThan(Date.now() / 1000 + 301);
    expect(await ask('POST', { rate: 5 })).toMatchObject({
      status: 409,
      body: { errors: [{ field: 'demo', rule: 'single' }] },
    });
    expect((await ask('GET')).body).toMatchObject({ running: true, rate: 20 });
    expect(await ask('DELETE')).toMatchObject({
      status: 200,
      body: { running: false, rate: 0, endsAt: null },
    });
    expect(await ask('DELETE')).toMatchObject({ status: 200, body: { running: false } });
  });

  it('posts trades of several symbols as everybody does, counts what it posts, and stops by itself', async () => {
    await begin();
    await ask('POST', { rate: 200, seconds: 1 });
    await until(() => !status().running);
    const { accepted, refused } = status();
    const trades = (await receive(pull as Pull, accepted)) as Trade[];
    expect(refused).toBe(0);
    expect(await acceptedInMetrics()).toBe(accepted);
    // Five deviations of a Poisson count of 200.
    expect(accepted).toBeLessThan(270);
    expect(new Set(trades.map(({ side }) => side))).toEqual(new Set(['buy', 'sell']));
    expect(new Set(trades.map(({ symbol }) => symbol)).size).toBeGreaterThan(2);
    expect(new Set(trades.map(({ qty }) => qty)).size).toBeGreaterThan(10);
    for (const { symbol, price, qty } of trades) {
      expect(symbol).toMatch(/^DEMO-[A-Z]{3}$/);
      expect(price).toBeGreaterThan(0);
      expect(qty).toBeGreaterThan(0);
    }
    // Another one begins to count anew.
    expect((await ask('POST', { rate: 1 })).body).toMatchObject({ running: true, accepted: 0 });
  });

  it('leaves nine tenths of the outbox to others', async () => {
    const absent = { WEBAPP_ZMQ_ADDR: ['tcp://127.0.0.1:9'], OUTBOX_MAX_EVENTS: 100 };
    app = await startPublisher(absent);
    await ask('POST', { rate: 200, seconds: 1 });
    await until(() => !status().running);
    expect(status()).toMatchObject({ accepted: 10, refused: 0 });
    const posted = await app.inject({ method: 'POST', url: '/trade/buy' });
    expect(posted.statusCode).toBe(202);
  });

  it('ends with the publisher, which sends what the demo had posted', async () => {
    await begin();
    await ask('POST', { rate: 200 });
    await until(() => status().accepted > 3);
    const demo = app.get(DemoService);
    await app.close();
    expect(demo.status).toMatchObject({ available: false, running: false });
    expect(await receive(pull as Pull, demo.status.accepted)).toHaveLength(demo.status.accepted);
    expect(() => demo.start({ rate: 1, seconds: 1 })).toThrow(expect.objectContaining({ status: 503 }));
  });

  it('refuses what breaks a rule, and does not begin', async () => {
    await begin();
    for (const [body, field, rule] of WRONG) {
      const answer = await ask('POST', body);
      expect([body, answer.status]).toEqual([body, 400]);
      expect(answer.body.errors).toContainEqual(expect.objectContaining({ field, rule }));
    }
    const headers = { 'content-type': 'application/json' };
    for (const payload of ['[]', '[{"rate":1}]', '1', '"x"', '{', 'null,']) {
      const answer = await app.inject({ method: 'POST', url: '/demo', payload, headers });
      expect([payload, answer.statusCode]).toEqual([payload, 400]);
    }
    expect(status().running).toBe(false);
  });

  it.each<Partial<PublisherConfig>>([{ DEMO: 'off' }, { NODE_ENV: 'production' }])(
    'is not there with %j',
    async (settings) => {
      await begin(settings);
      for (const method of ['GET', 'POST', 'DELETE'] as const) {
        expect((await ask(method)).status).toBe(404);
      }
      expect(status().running).toBe(false);
    },
  );

  it('is guarded as posts are', async () => {
    await begin({ API_TOKEN: 'a-token-of-the-test-0123456789' });
    const headers = { authorization: 'Bearer a-token-of-the-test-0123456789' };
    for (const method of ['POST', 'DELETE'] as const) {
      expect((await ask(method)).status).toBe(401);
      expect((await ask(method, undefined, { ...headers, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    }
    expect(status().running).toBe(false);
    expect((await ask('POST', undefined, headers)).status).toBe(202);
    expect((await ask('GET')).body).toMatchObject({ running: true });
  });
});
