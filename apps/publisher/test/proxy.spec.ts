import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startPublisher, until } from './publisher.fixture.js';

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

let sidecar: Server;
let app: NestFastifyApplication;
let calls: Call[] = [];
/** What the server behind the proxy does; by default it answers at once. */
let behave: (call: Call) => void;

beforeAll(async () => {
  sidecar = createServer((request, response) => {
    calls.push({ request, response });
    behave({ request, response });
  }).listen(0, '127.0.0.1');
  await once(sidecar, 'listening');
  const url = `http://127.0.0.1:${(sidecar.address() as AddressInfo).port}`;
  app = await startPublisher({ SIDECAR_HTTP_URL: `${url}/` });
});
beforeEach(() => {
  calls = [];
  behave = ({ response }) =>
    response.writeHead(200, { 'set-cookie': 'a=b', 'content-type': 'text/csv' }).end('a,b');
});
afterAll(async () => {
  await app.close();
  sidecar.closeAllConnections();
  sidecar.close();
});

async function open(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = get(`${await app.getUrl()}${path}`, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8');
}

describe('the proxy to the sidecar', () => {
  it('passes a known path on with its query, and gives the answer back as it is', async () => {
    const answer = await app.inject('/sidecar/analytics/export?format=csv&last=60s');
    expect({ status: answer.statusCode, body: answer.body }).toEqual({ status: 200, body: 'a,b' });
    expect(answer.headers['content-type']).toBe('text/csv');
    expect(calls.map(({ request }) => request.url)).toEqual(['/analytics/export?format=csv&last=60s']);
  });

  it('passes neither cookies nor credentials, in either direction', async () => {
    const headers = { cookie: 'secret=1', authorization: 'Basic x', accept: 'text/csv' };
    const answer = await app.inject({ url: '/sidecar/health', headers });
    expect(calls[0]?.request.headers).toMatchObject({ accept: 'text/csv' });
    expect(calls[0]?.request.headers).not.toHaveProperty('cookie');
    expect(calls[0]?.request.headers).not.toHaveProperty('authorization');
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('keeps the status and the body of a failing health check', async () => {
    behave = ({ response }) => response.writeHead(503, { 'content-type': 'application/json' }).end('{"a":1}');
    const answer = await app.inject('/sidecar/health');
    expect({ status: answer.statusCode, body: answer.json() }).toEqual({ status: 503, body: { a: 1 } });
  });

  it.each([
    '/sidecar/',
    '/sidecar/docs',
    '/sidecar/..%2Fsecret',
    '/sidecar/stream/x',
    '/prometheus/api/v1/query',
  ])('answers 404 to %s without asking anybody', async (path) => {
    const answer = await app.inject(path);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(calls).toEqual([]);
  });

  it('passes on that a dead letter is sent again with the token it asks for, without body, query or cookie', async () => {
    behave = ({ response }) =>
      response.writeHead(422, { 'content-type': 'application/problem+json' }).end('{}');
    const answer = await app.inject({
      method: 'POST',
      url: '/sidecar/dead-letters/mit1q2w3-17/replay',
      headers: { cookie: 'secret=1', authorization: 'Basic x' },
      payload: { other: 1 },
    });
    expect({ status: answer.statusCode, body: answer.body }).toEqual({ status: 422, body: '{}' });
    const [{ method, url, headers } = {} as IncomingMessage] = calls.map(({ request }) => request);
    expect([method, url]).toEqual(['POST', '/dead-letters/mit1q2w3-17/replay']);
    expect(headers).toMatchObject({ 'content-length': '0' });
    expect(headers).toMatchObject({ authorization: 'Basic x' });
    expect(headers).not.toHaveProperty('cookie');
  });

  it.each([
    ['POST', '/sidecar/dead-letters'],
    ['POST', '/sidecar/health'],
    ['POST', '/sidecar/dead-letters/..%2F..%2Fx/replay'],
    ['POST', '/sidecar/dead-letters/a-1%2Freplay%3Fx/replay'],
    ['POST', '/sidecar/dead-letters/a-1/replay/x'],
    ['GET', '/sidecar/dead-letters/a-1/replay'],
    ['PUT', '/sidecar/dead-letters/a-1/replay'],
    ['DELETE', '/sidecar/dead-letters'],
  ] as const)('does not pass %s %s on', async (method, url) => {
    expect((await app.inject({ method, url })).statusCode).toBe(404);
    expect(calls).toEqual([]);
  });

  it('refuses to send a letter again for a page of another site', async () => {
    const url = '/sidecar/dead-letters/a-1/replay';
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await app.inject({ method: 'POST', url, headers })).statusCode).toBe(403);
    expect(calls).toEqual([]);
  });

  it('streams: each event arrives while the stream stays open, and Last-Event-ID is passed on', async () => {
    behave = ({ response }) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const stream = await open('/sidecar/stream', { 'last-event-id': 'x-7' });
    expect(calls[0]?.request.headers['last-event-id']).toBe('x-7');
    for (const text of ['data: [1]\n\n', 'data: [2]\n\n']) {
      calls[0]?.response.write(text);
      expect((await once(stream, 'data'))[0]).toBe(text);
    }
    stream.destroy();
  });

  it('closes the stream behind it when its reader leaves', async () => {
    behave = ({ response }) => response.writeHead(200).flushHeaders();
    const stream = await open('/sidecar/stream');
    stream.destroy();
    await until(() => calls[0]?.response.destroyed === true);
    expect(calls).toHaveLength(1);
  });

  it('holds nothing at the sidecar for a client that has left, also for what waits behind another answer', async () => {
    behave = () => undefined;
    const { port } = app.getHttpServer().address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /sidecar/health HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(10));
    await until(() => calls.length === 10);
    socket.destroy();
    await until(() => calls.every(({ response }) => response.destroyed));
    expect(calls).toHaveLength(10);
  });

  it('gives one address its share of the sidecar, and no more', async () => {
    behave = () => undefined;
    const asked = Array.from({ length: 20 }, () => app.inject('/sidecar/analytics/summary'));
    const refused = await Promise.race(asked);
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    await until(() => calls.length === 16);
    for (const { response } of calls) response.end('{}');
    const statuses = (await Promise.all(asked)).map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    behave = ({ response }) => response.end('{}');
    expect((await app.inject('/sidecar/analytics/summary')).statusCode).toBe(200);
  });

  it('ends a stream when the sidecar dies', async () => {
    behave = ({ response }) => response.writeHead(200).flushHeaders();
    const stream = await open('/sidecar/stream');
    stream.resume().on('error', () => undefined);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    calls[0]?.response.destroy();
    await closed;
    expect(stream.complete).toBe(false);
  });

  it('answers 502 while the sidecar is away', async () => {
    behave = ({ request }) => request.socket.destroy();
    const answer = await app.inject('/sidecar/health');
    expect(answer.statusCode).toBe(502);
    expect(answer.json()).toMatchObject({ detail: 'the sidecar cannot be reached' });
  });
});

it('answers 502 when what comes from behind it is no status', async () => {
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  behave = ({ response }) => response.socket?.end('HTTP/1.1 099 odd\r\ncontent-length: 0\r\n\r\n');
  expect((await app.inject('/sidecar/health')).statusCode).toBe(502);
  expect(logged).not.toHaveBeenCalled();
  logged.mockRestore();
});

describe('the user and password of an address', () => {
  const CREDENTIALS = 'desk:p%40ss';
  const BASIC = `Basic ${Buffer.from('desk:p@ss').toString('base64')}`;
  let guarded: NestFastifyApplication;

  beforeAll(async () => {
    const url = `http://${CREDENTIALS}@127.0.0.1:${(sidecar.address() as AddressInfo).port}`;
    guarded = await startPublisher({
      SIDECAR_HTTP_URL: url,
      PROMETHEUS_URL: `${url}/prom`,
      GRAFANA_URL: `http://${CREDENTIALS}@grafana.example/d/trading?orgId=1`,
    });
  });
  afterAll(() => guarded.close());

  it.each([
    ['/sidecar/health', '/health'],
    ['/sidecar/dead-letters', '/dead-letters'],
    ['/prometheus/api/v1/query?query=up', '/prom/api/v1/query?query=up'],
  ])('open the way behind %s', async (path, upstream) => {
    expect((await guarded.inject(path)).statusCode).toBe(200);
    expect(calls.map(({ request }) => [request.url, request.headers.authorization])).toEqual([
      [upstream, BASIC],
    ]);
  });

  it('give way to the token that dead letters ask for', async () => {
    await guarded.inject({ url: '/sidecar/dead-letters', headers: { authorization: 'Bearer token' } });
    expect(calls[0]?.request.headers.authorization).toBe('Bearer token');
  });

  it('are told to nobody who asks', async () => {
    behave = ({ response }) => response.destroy();
    const paths = ['/page/settings', '/sidecar/health', '/health', '/docs-json', '/', '/plain', '/metrics'];
    const answers = await Promise.all(paths.map(async (path) => (await guarded.inject(path)).body));
    expect(JSON.parse(answers[0] ?? '')).toEqual({
      delivery: 'at-most-once',
      pair: 'push-pull',
      sidecarUrl: `http://127.0.0.1:${(sidecar.address() as AddressInfo).port}`,
      prometheusUrl: `http://127.0.0.1:${(sidecar.address() as AddressInfo).port}/prom`,
      grafanaUrl: 'http://grafana.example/d/trading?orgId=1',
    });
    expect(answers.join()).not.toMatch(/desk|p(@|%40)ss/);
  });
});
