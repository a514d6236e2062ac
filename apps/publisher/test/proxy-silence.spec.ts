import { once } from 'node:events';
import { createServer, get, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { HttpGate } from '@app/service-kit';
import { UpstreamProxy } from '../src/page/upstream-proxy.js';
import { startPublisher, until } from './publisher.fixture.js';

const TIMEOUT_MS = 100;

let upstream: Server;
let open = 0;
let type: string;
let proxy: UpstreamProxy;
let front: FastifyInstance;

beforeAll(async () => {
  // Begins every answer, and never ends one.
  upstream = createServer((_request, response) => {
    open += 1;
    response.on('close', () => (open -= 1));
    response.writeHead(200, { 'content-type': type }).write('data: 1\n\n');
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const gate = new HttpGate({ allowedHosts: [], requestsPerSecond: 0, streamsPerAddress: 0 });
  proxy = new UpstreamProxy({ name: 'it', url, paths: ['/x'], timeoutMs: TIMEOUT_MS }, gate);
  front = Fastify();
  front.get('/x', (request, reply) => proxy.pass('/x', request, reply));
  await front.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  proxy.close();
  upstream.closeAllConnections();
  upstream.close();
  await front.close();
});

function address(): string {
  return `http://127.0.0.1:${(front.server.address() as AddressInfo).port}/x`;
}

async function ask(): Promise<IncomingMessage> {
  const [answer] = (await once(get(address(), { agent: false }), 'response')) as [IncomingMessage];
  return answer.on('error', () => undefined).resume();
}

/** Not `once`, which rejects at the error that comes before. */
function closed(answer: IncomingMessage): Promise<void> {
  return new Promise((resolve) => answer.once('close', resolve));
}

describe('the proxy, when a server stops in the middle of its answer,', () => {
  it('cuts the answer, so that its reader does not wait for ever', async () => {
    type = 'text/csv';
    const answer = await ask();
    await closed(answer);
    expect(answer.complete).toBe(false);
    await until(() => open === 0);
  });

  it('leaves an event stream open, which may be silent', async () => {
    type = 'text/event-stream; charset=utf-8';
    const stream = await ask();
    type = 'text/csv';
    // As good as a clock: this one begins later, and is cut for its silence.
    await closed(await ask());
    expect(stream.destroyed).toBe(false);
    stream.destroy();
    await until(() => open === 0);
  });

  it('answers HEAD at once, and holds nothing open for it', async () => {
    type = 'text/event-stream';
    const request = httpRequest(address(), { method: 'HEAD', agent: false }).end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    expect(answer.headers['content-type']).toBe('text/event-stream');
    await until(() => open === 0);
  });
});

describe('HEAD /events', () => {
  it('is answered at once, and counts as no listener', async () => {
    const app = await startPublisher({});
    const answer = await app.inject({ method: 'HEAD', url: '/events' });
    expect({ status: answer.statusCode, type: answer.headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/event-stream; charset=utf-8',
    });
    expect((await app.inject('/metrics')).body).toContain('trading_feed_clients 0');
    await app.close();
  });
});
