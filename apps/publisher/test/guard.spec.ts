import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import { receive, startLinked } from './publisher.fixture.js';

let app: NestFastifyApplication;
let pull: Pull;

beforeAll(async () => {
  ({ app, pull } = await startLinked({ HOST: 'desk.example', ALLOWED_HOSTS: ['publisher'] }));
});
afterAll(async () => {
  await app.close();
  pull.close();
});

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function submit(headers: Record<string, string>): Promise<{ statusCode: number; body: string }> {
  return app.inject({
    method: 'POST',
    url: '/trade/buy',
    headers: { ...FORM, ...headers },
    payload: 'qty=2',
  });
}

describe('the guard', () => {
  it.each<Record<string, string>>([
    { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:9999' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
  ])('keeps a form of another site (%p) from posting a trade', async (headers) => {
    const answer = await submit(headers);
    expect(answer.statusCode).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ field: 'origin', rule: 'sameOrigin' }] });
    // Nothing was emitted: the next event on the wire is the next one posted.
    const sent = JSON.parse((await submit({})).body) as unknown;
    expect(await receive(pull, 1)).toEqual([sent]);
  });

  it.each(['/trades', '/sidecar/dead-letters/x-1/replay'])(
    'keeps a page of another site from posting to %s',
    async (url) => {
      const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' };
      const answer = await app.inject({ method: 'POST', url, headers, payload: '[]' });
      expect(answer.statusCode).toBe(403);
    },
  );

  it.each(['/<script>alert(1)</script>', '/%3Cscript%3E', '/trade/<script>'])(
    'answers %s with nothing that a browser takes for a page',
    async (url) => {
      const { statusCode, headers } = await app.inject({ url });
      expect(statusCode).toBeGreaterThanOrEqual(400);
      expect(headers['content-type']).toContain('application/problem+json');
      expect(headers['x-content-type-options']).toBe('nosniff');
    },
  );

  it('tells the page its settings as data', async () => {
    const { headers } = await app.inject('/page/settings');
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('lets the page itself post', async () => {
    const answer = await submit({
      'sec-fetch-site': 'same-origin',
      host: 'desk.example:8000',
      origin: 'http://desk.example:8000',
    });
    expect(answer.statusCode).toBe(202);
    await receive(pull, 1);
  });

  it.each(['/', '/events', '/sidecar/dead-letters', '/docs', '/no/such/path'])(
    'refuses %s under a name that was rebound to us',
    async (url) => {
      const answer = await app.inject({ url, headers: { host: 'rebound.example:8000' } });
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ errors: [{ field: 'host', rule: 'allowed' }] });
    },
  );

  it.each(['localhost:8000', '127.0.0.1:8000', 'desk.example:8000', 'publisher:8000'])(
    'answers as %s',
    async (host) => {
      expect((await app.inject({ url: '/', headers: { host } })).statusCode).toBe(200);
    },
  );

  it.each(['/metrics', '/metrics/', '/health', '/health/live', '/health/ready/'])(
    'answers scrapers and probes at %s by any name',
    async (url) => {
      expect((await app.inject({ url, headers: { host: 'any.internal:8000' } })).statusCode).toBe(200);
    },
  );

  it.each(['/', '/plain', '/metrics', '/docs', '/no/such/path'])(
    'puts security headers on %s',
    async (url) => {
      const { headers } = await app.inject(url);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy.includes('unsafe-inline')).toBe(url === '/docs');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
      });
    },
  );

  it('puts them on streams too', async () => {
    const [stream] = (await once(get(`${await app.getUrl()}/events`, { agent: false }), 'response')) as [
      IncomingMessage,
    ];
    expect(stream.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    stream.destroy();
  });
});
