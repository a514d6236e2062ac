import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import type { PublisherConfig } from '../src/config/publisher.config.js';
import { startLinked } from './publisher.fixture.js';

const REWRITTEN = { host: '127.0.0.1:8000' };
const FORM = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
const opened: { app: NestFastifyApplication; pull: Pull }[] = [];

async function start(settings: Partial<PublisherConfig>): Promise<NestFastifyApplication> {
  const linked = await startLinked(settings);
  opened.push(linked);
  return linked.app;
}

afterEach(async () => {
  for (const { app, pull } of opened.splice(0)) {
    await app.close();
    pull.close();
  }
});

function post(app: NestFastifyApplication, headers: Record<string, string>) {
  const all = { ...REWRITTEN, ...FORM, ...headers };
  return app.inject({ method: 'POST', url: '/trade/buy', headers: all, payload: 'qty=2' });
}

describe('behind a proxy that changes Host', () => {
  const forwarded = {
    'x-forwarded-host': 'desk.lan',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '203.0.113.9',
  };

  it.each<Record<string, string>>([
    { origin: 'http://desk.lan' },
    { origin: 'http://desk.lan', 'x-forwarded-host': 'desk.lan' },
    { origin: 'https://desk.lan', 'sec-fetch-site': 'same-origin' },
  ])('a page of a name in ALLOWED_HOSTS may post: %p', async (headers) => {
    const app = await start({ ALLOWED_HOSTS: ['desk.lan'] });
    expect((await post(app, headers)).statusCode).toBe(303);
  });

  it.each<Record<string, string>>([
    { origin: 'http://evil.example' },
    { origin: 'http://desk.lan:9999' },
    { origin: 'null' },
    { origin: 'http://evil.example', 'x-forwarded-host': 'evil.example' },
    { origin: 'http://desk.lan', 'sec-fetch-site': 'cross-site' },
    { origin: 'https://desk.lan', 'sec-fetch-site': 'same-site' },
  ])('a page of another site may not: %p', async (headers) => {
    for (const TRUSTED_PROXIES of [[], ['127.0.0.1']]) {
      const app = await start({ ALLOWED_HOSTS: ['desk.lan'], TRUSTED_PROXIES });
      expect((await post(app, headers)).statusCode).toBe(403);
    }
  });

  it('a trusted one tells host and scheme, and a name that is not ours stays refused', async () => {
    const app = await start({ ALLOWED_HOSTS: ['desk.lan'], TRUSTED_PROXIES: ['127.0.0.0/8'] });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await post(app, { host: 'upstream', ...headers })).statusCode;

    expect(await status({ ...forwarded, origin: 'https://desk.lan' })).toBe(303);
    expect(await status({ ...forwarded, origin: 'http://desk.lan' })).toBe(403);
    expect(await status({ ...forwarded, 'x-forwarded-host': 'rebound.example' })).toBe(403);
    expect(
      await status({ forwarded: 'for=203.0.113.9;host=desk.lan;proto=https', origin: 'https://desk.lan' }),
    ).toBe(303);
    expect(await status({})).toBe(403);
    const page = await app.inject({
      url: '/',
      headers: { ...REWRITTEN, 'x-forwarded-host': 'rebound.example' },
    });
    expect(page.statusCode).toBe(403);
  });
});

async function ask(app: NestFastifyApplication, client: string): Promise<number> {
  const headers = { 'x-forwarded-for': client };
  return (await app.inject({ url: '/page/settings', headers })).statusCode;
}

describe('the address of a client', () => {
  it('is what a trusted proxy says: each has a rate of its own', async () => {
    const app = await start({ HTTP_RATE_LIMIT: 1, TRUSTED_PROXIES: ['127.0.0.1'] });
    expect(await ask(app, '203.0.113.1')).toBe(200);
    expect(await ask(app, '203.0.113.2')).toBe(200);
    expect(await ask(app, '203.0.113.1')).toBe(429);
    // Not by a list that the client itself began.
    expect(await ask(app, '198.51.100.7, 203.0.113.2')).toBe(429);
  });

  it.each<[string, Partial<PublisherConfig>]>([
    ['without the setting', {}],
    ['from another peer', { TRUSTED_PROXIES: ['192.0.2.1'] }],
  ])('is the connection’s %s: the headers mean nothing', async (_, settings) => {
    const app = await start({ HTTP_RATE_LIMIT: 1, ...settings });
    expect(await ask(app, '203.0.113.1')).toBe(200);
    expect(await ask(app, '203.0.113.2')).toBe(429);
  });

  it('is counted for wrong tokens, and never keeps the right one out', async () => {
    const app = await start({ API_TOKEN: 'a-token-of-the-test-0123456789', TRUSTED_PROXIES: ['127.0.0.1'] });
    const guess = async (authorization: string, client: string) =>
      (await post(app, { authorization, 'x-forwarded-for': client })).statusCode;
    for (let times = 0; times < 30; times += 1) await guess('Bearer wrong', '203.0.113.1');

    expect(await guess('Bearer wrong', '203.0.113.1')).toBe(429);
    expect(await guess('Bearer wrong', '203.0.113.2')).toBe(401);
    expect(await guess('Basic d3Jvbmc6d3Jvbmc=', '203.0.113.1')).toBe(401);
    expect(await guess('Bearer a-token-of-the-test-0123456789', '203.0.113.1')).toBe(303);
  });
});
