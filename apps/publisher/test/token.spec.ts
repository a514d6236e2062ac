import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import { receive, startLinked } from './publisher.fixture.js';

const TOKEN = 'a-token-of-the-test-0123456789';
const RIGHT = { authorization: `Bearer ${TOKEN}` };

let upstream: Server;
let seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
let app: NestFastifyApplication;
let pull: Pull;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  ({ app, pull } = await startLinked({ API_TOKEN: TOKEN, SIDECAR_HTTP_URL: url, PROMETHEUS_URL: url }));
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  await app.close();
  pull.close();
  upstream.closeAllConnections();
  upstream.close();
});

describe('a publisher with a token', () => {
  it.each(['/trade/buy', '/trade/buy/', '/trade%2Fbuy', '/trades', '/no/such/path'])(
    'asks for it at POST %s, and never repeats it',
    async (url) => {
      const missing = await app.inject({ method: 'POST', url });
      const wrong = await app.inject({ method: 'POST', url, headers: { authorization: 'Bearer other' } });
      for (const answer of [missing, wrong]) {
        expect(answer.statusCode).toBe(401);
        expect(answer.headers['content-type']).toContain('application/problem+json');
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/);
        expect(answer.body + JSON.stringify(answer.headers)).not.toContain(TOKEN);
      }
    },
  );

  it('takes a trade that carries it', async () => {
    const answer = await app.inject({ method: 'POST', url: '/trade/buy', headers: RIGHT });
    expect(answer.statusCode).toBe(202);
    expect(await receive(pull, 1)).toHaveLength(1);
  });

  it.each([
    '/',
    '/plain',
    '/metrics',
    '/health',
    '/health/live',
    '/health/ready',
    '/docs-json',
    '/page/settings',
  ])('shows %s without it, and it is not in there', async (url) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).not.toContain(TOKEN);
  });

  it('says on the plain page that its form cannot post', async () => {
    const { body } = await app.inject('/plain');
    expect(body).toContain('Trades need a token');
    expect(body).not.toContain('<form');
  });

  it('passes it on to the sidecar’s dead letters, and nowhere else', async () => {
    await app.inject({ url: '/sidecar/dead-letters?limit=1', headers: RIGHT });
    await app.inject({ url: '/sidecar/metrics', headers: RIGHT });
    await app.inject({ url: '/prometheus/api/v1/query?query=up', headers: RIGHT });
    expect(seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/dead-letters?limit=1', RIGHT.authorization],
      ['/metrics', undefined],
      ['/api/v1/query?query=up', undefined],
    ]);
  });

  it('asks for it before it passes anything on to the sidecar, however the path is written', async () => {
    for (const headers of [{}, { authorization: 'Bearer guess' }, { authorization: `Basic ${TOKEN}` }]) {
      for (const url of [
        '/sidecar/dead-letters',
        '/sidecar/dead-letters%2F',
        '/sidecar/dead%2Dletters/?limit=1',
      ]) {
        expect((await app.inject({ url, headers })).statusCode).toBe(401);
      }
      const url = '/sidecar/dead-letters/a-1/replay';
      expect((await app.inject({ method: 'POST', url, headers })).statusCode).toBe(401);
    }
    expect(seen).toEqual([]);
  });

  it('lets wrong tokens cost who sends them, and never who has the right one', async () => {
    const guess = (authorization: string): ReturnType<typeof app.inject> =>
      app.inject({ url: '/sidecar/dead-letters', headers: { authorization } });
    let answer = await guess('Bearer guess');
    while (answer.statusCode === 401) answer = await guess('Bearer guess');
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    // The next guess takes a new connection.
    expect(answer.headers.connection).toBe('close');
    expect((await app.inject({ url: '/sidecar/dead-letters', headers: RIGHT })).statusCode).toBe(200);
    expect((await app.inject({ method: 'POST', url: '/trade/buy', headers: RIGHT })).statusCode).toBe(202);
    await receive(pull, 1);
    expect((await app.inject({ method: 'POST', url: '/trade/buy' })).statusCode).toBe(401);
    const { body } = await app.inject('/metrics');
    expect(body).toMatch(/\ntrading_http_refused_total\{reason="token_wrong"\} 30\n/);
    expect(body).toMatch(/\ntrading_http_refused_total\{reason="token_attempts"\} [1-9]/);
    expect(body).toMatch(/\ntrading_http_refused_total\{reason="token_missing"\} [1-9]/);
  });

  it('takes no other scheme for a guess', async () => {
    const fresh = await startLinked({ API_TOKEN: TOKEN });
    try {
      const statuses = new Set<number>();
      for (let n = 0; n < 40; n += 1) {
        const headers = { authorization: 'Basic dXNlcjpwYXNz' };
        statuses.add((await fresh.app.inject({ method: 'POST', url: '/trades', headers })).statusCode);
      }
      expect([...statuses]).toEqual([401]);
    } finally {
      await fresh.app.close();
      fresh.pull.close();
    }
  });
});

describe('a publisher with a rate limit', () => {
  let limited: Awaited<ReturnType<typeof startLinked>>;
  beforeEach(async () => {
    limited = await startLinked({ HTTP_RATE_LIMIT: 3, HTTP_SCRAPE_LIMIT: 6 });
  });
  afterEach(async () => {
    await limited.app.close();
    limited.pull.close();
  });

  const statusesOf = async (url: string, count: number, headers = {}): Promise<number[]> =>
    Promise.all(
      Array.from({ length: count }, async () => (await limited.app.inject({ url, headers })).statusCode),
    );

  it.each([
    ['a page', '/page/settings', {}],
    ['a path with nothing on it', '/no/such/path', {}],
    ['a path that cannot be read', '/%zz', {}],
    ['the documentation', '/docs', {}],
    ['its files', '/docs/swagger-ui.css', {}],
    ['its document', '/docs-json', {}],
    ['a refusal', '/', { host: 'rebound.example' }],
    ['what is passed on', '/sidecar/nothing', {}],
  ])('answers 429 to an address that asks too often for %s', async (_, url, headers) => {
    const statuses = await statusesOf(url, 8, headers);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(2);
    const refused = (
      await Promise.all(Array.from({ length: 8 }, () => limited.app.inject({ url, headers })))
    ).find(({ statusCode }) => statusCode === 429);
    expect(refused?.headers).toMatchObject({ 'retry-after': '1', 'x-content-type-options': 'nosniff' });
    expect(refused?.headers['content-type']).toContain('application/problem+json');
  });

  it('gives scrapes and probes a limit of their own', async () => {
    expect(await statusesOf('/page/settings', 8)).toContain(429);
    const { body } = await limited.app.inject('/metrics');
    expect(body).toMatch(/\ntrading_http_refused_total\{reason="rate"\} [1-9]/);
    const statuses = [...(await statusesOf('/metrics', 16)), ...(await statusesOf('/health?full', 16))];
    expect(statuses).toContain(200);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(8);
  });
});
