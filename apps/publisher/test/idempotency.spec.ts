// A post that is made again must not count again (field case 24).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import { KeptAnswers } from '../src/http/kept-answers.js';
import { TradesService } from '../src/publishing/trades.service.js';
import { startLinked, startPublisher } from './publisher.fixture.js';

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json' };

interface Post {
  readonly key?: string;
  readonly url?: string;
  readonly payload?: string;
  readonly headers?: Record<string, string>;
}

async function post(app: NestFastifyApplication, { key, url, payload, headers }: Post) {
  const answer = await app.inject({
    method: 'POST',
    url: url ?? '/trade/buy',
    headers: { ...JSON_TYPE, ...(key !== undefined && { 'idempotency-key': key }), ...headers },
    payload: payload ?? '{"qty":2}',
  });
  const { 'idempotency-replayed': replayed, date: _date, connection: _connection, ...kept } = answer.headers;
  return { status: answer.statusCode, body: answer.body, headers: kept, replayed };
}

async function count(app: NestFastifyApplication, sample: string): Promise<number> {
  const { body } = await app.inject({ method: 'GET', url: '/metrics' });
  return Number(
    body
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.split(' ')[1],
  );
}

const ACCEPTED = 'trading_publisher_accepted_total{side="buy"}';
const outcome = (name: string): string => `trading_publisher_idempotent_posts_total{outcome="${name}"}`;

describe('a post with an Idempotency-Key', () => {
  let app: NestFastifyApplication;
  let pull: Pull;

  beforeEach(async () => {
    ({ app, pull } = await startLinked());
  });
  afterEach(async () => {
    await app.close();
    pull.close();
  });

  it.each([
    ['one trade', { url: '/trade/buy' }],
    ['many as JSON', { url: '/trades', payload: '[{"side":"buy"},{"side":"hold"}]' }],
    [
      'many as NDJSON',
      { url: '/trades', payload: '{"side":"buy"}\n', headers: { 'content-type': 'application/x-ndjson' } },
    ],
    ['a form of a browser', { url: '/trade/buy', headers: { accept: 'text/html' } }],
  ])('is answered as the first one was, and counts once: %s', async (_, what) => {
    const first = await post(app, { ...what, key: 'a-1' });
    const again = await post(app, { ...what, key: 'a-1' });
    expect(first.status).toBeLessThan(400);
    expect(again).toEqual({ ...first, replayed: 'true' });
    expect(await count(app, ACCEPTED)).toBe(1);
    expect(await count(app, outcome('first'))).toBe(1);
    expect(await count(app, outcome('replayed'))).toBe(1);
  });

  it('waits for the first one while that is under way', async () => {
    const trades = app.get(TradesService);
    const emit = trades.emit.bind(trades);
    jest
      .spyOn(trades, 'emit')
      .mockImplementation((trade) =>
        new Promise<void>((resolve) => setImmediate(resolve)).then(() => emit(trade)),
      );
    const posts = Array.from({ length: 10 }, () => post(app, { key: 'b-1' }));
    const answers = await Promise.all(posts);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed === 'true')).toHaveLength(9);
    expect(await count(app, ACCEPTED)).toBe(1);
  });

  it.each([
    ['another body', { payload: '{"qty":3}' }],
    ['another side', { url: '/trade/sell' }],
  ])('is 422 with %s, and changes nothing', async (_, other) => {
    const first = await post(app, { key: 'c-1' });
    const wrong = await post(app, { key: 'c-1', ...other });
    expect(wrong.status).toBe(422);
    expect(JSON.parse(wrong.body)).toMatchObject({ errors: [{ field: 'Idempotency-Key', rule: 'reuse' }] });
    expect(await post(app, { key: 'c-1' })).toEqual({ ...first, replayed: 'true' });
    expect(await count(app, 'trading_publisher_refused_total{reason="idempotency_key"}')).toBe(1);
  });

  it.each(['', ' ', 'x'.repeat(256)])('is 400 where the key is %j', async (key) => {
    expect((await post(app, { key })).status).toBe(400);
    expect(await count(app, ACCEPTED)).toBe(0);
  });

  it('is refused again for the same reason, and counted once', async () => {
    const first = await post(app, { key: 'd-1', payload: '{"qty":-1}' });
    expect(first.status).toBe(400);
    expect(await post(app, { key: 'd-1', payload: '{"qty":-1}' })).toEqual({ ...first, replayed: 'true' });
    expect(await count(app, 'trading_publisher_refused_total{reason="invalid_qty"}')).toBe(1);
  });

  it('without a key counts every time', async () => {
    await post(app, {});
    await post(app, {});
    expect(await count(app, ACCEPTED)).toBe(2);
  });
});

describe('a post that found no room', () => {
  it('may be made again with its key', async () => {
    const app = await startPublisher({ WEBAPP_ZMQ_ADDR: ['tcp://127.0.0.1:1'], OUTBOX_MAX_EVENTS: 1 });
    await post(app, {});
    expect((await post(app, { key: 'e-1' })).status).toBe(503);
    const again = await post(app, { key: 'e-1' });
    expect(again).toMatchObject({ status: 503, replayed: undefined });
    await app.close();
  });
});

describe('with DELIVERY=durable', () => {
  it('is answered as the first one was after a restart too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'idempotency-'));
    const settings = {
      DELIVERY: 'durable',
      SPOOL_DIR: join(folder, 'spool'),
      WEBAPP_ZMQ_ADDR: ['inproc://nobody'],
    } as const;
    const app = await startPublisher({ ...settings, WEBAPP_ZMQ_ADDR: [...settings.WEBAPP_ZMQ_ADDR] });
    const first = await post(app, { key: 'f-1' });
    expect(first.status).toBe(202);
    await app.close();
    const next = await startPublisher({ ...settings, WEBAPP_ZMQ_ADDR: [...settings.WEBAPP_ZMQ_ADDR] });
    expect(await post(next, { key: 'f-1' })).toEqual({ ...first, replayed: 'true' });
    expect(await count(next, ACCEPTED)).toBe(0);
    await next.close();
    await rm(folder, { recursive: true });
  });
});

describe('the answers that are kept', () => {
  const answer = { status: 202, headers: {}, body: 'x'.repeat(1000) };

  it('go after their time, and the oldest before it where they need too many bytes', () => {
    let nowMs = 0;
    const answers = new KeptAnswers(600_000, 10_000, () => nowMs);
    for (let index = 0; index < 5; index += 1) {
      nowMs += 1000;
      answers.finish(answers.begin(`k${index}`, 'f'), answer, true);
    }
    expect(answers.posts.map(({ key }) => key)).toEqual(['k2', 'k3', 'k4']);
    expect(answers.evicted).toBe(2);
    nowMs = 3000 + 600_000;
    expect(answers.posts.map(({ key }) => key)).toEqual(['k3', 'k4']);
  });

  it('never go while their posts are under way', () => {
    const answers = new KeptAnswers(1, 0, () => 0);
    const post = answers.begin('k', 'f');
    answers.finish(answers.begin('other', 'f'), answer, true);
    const got: unknown[] = [];
    expect(answers.onAnswered('k', (kept) => got.push(kept))).toBe(true);
    answers.finish(post, answer, true);
    expect(got).toEqual([answer]);
  });
});
