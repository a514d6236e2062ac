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

  it.each(['/', '/plain', '/metrics', '/health', '/docs-json', '/page/settings'])(
    'shows %s without it, and it is not in there',
    async (url) => {
      const answer = await app.inject(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.body).not.toContain(TOKEN);
    },
  );

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

  it('stops looking at the tokens of an address that guesses, and tells when to come back', async () => {
    const guess = (): ReturnType<typeof app.inject> =>
      app.inject({ method: 'POST', url: '/trades', headers: { authorization: 'Bearer guess' } });
    let answer = await guess();
    while (answer.statusCode === 401) answer = await guess();
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect((await app.inject({ method: 'POST', url: '/trade/buy', headers: RIGHT })).statusCode).toBe(429);
    expect((await app.inject({ method: 'POST', url: '/trade/buy' })).statusCode).toBe(401);
  });
});

describe('a publisher with a rate limit', () => {
  it('answers 429 to an address that asks too often, and never to a scrape or a probe', async () => {
    const limited = await startLinked({ HTTP_RATE_LIMIT: 3 });
    try {
      const statuses = await Promise.all(
        Array.from({ length: 8 }, async () => (await limited.app.inject('/page/settings')).statusCode),
      );
      expect(statuses).toContain(429);
      const refused = await limited.app.inject({ method: 'POST', url: '/trade/buy' });
      expect([202, 429]).toContain(refused.statusCode);
      const health = await Promise.all(
        Array.from({ length: 8 }, async () => (await limited.app.inject('/metrics')).statusCode),
      );
      expect(new Set(health)).toEqual(new Set([200]));
    } finally {
      await limited.app.close();
      limited.pull.close();
    }
  });
});
