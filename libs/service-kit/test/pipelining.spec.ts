import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Controller, Get, Module, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Gauge, register } from 'prom-client';
import { waitUntil } from '../../../testing/wait.js';
import {
  createHttpAdapter,
  EventFeed,
  ExpositionModule,
  guardHttp,
  HttpGate,
  setUpHttpApp,
} from '../src/index.js';

const feed = new EventFeed<unknown>({ intervalMs: 5 });
const gate = new HttpGate({
  allowedHosts: [],
  requestsPerSecond: 0,
  scrapesPerSecond: 0,
  streamsPerAddress: 2,
});
let handled = 0;
let closed = 0;
let renders = 0;
let release: () => void = () => undefined;

@Controller()
class SampleController {
  @Get('slow')
  async slow(@Res() reply: FastifyReply): Promise<void> {
    handled += 1;
    reply.raw.once('close', () => (closed += 1));
    await new Promise<void>((resolve) => (release = resolve));
  }

  @Get('costly')
  costly(): string {
    handled += 1;
    return 'x'.repeat(1024 * 1024);
  }

  @Get('feed')
  feed(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const refusal = gate.holdStream(request, reply);
    if (refusal !== undefined) throw refusal;
    feed.serve(request, reply);
  }
}

@Module({ imports: [ExpositionModule], controllers: [SampleController] })
class SampleModule {}

let app: NestFastifyApplication;
const open: Socket[] = [];

/** A connection that has sent `text` and reads nothing. */
async function send(text: string): Promise<Socket> {
  const { port } = app.getHttpServer().address() as { port: number };
  const socket = connect(port, '127.0.0.1').pause();
  // How it is cut off does not matter here.
  socket.on('error', () => undefined);
  open.push(socket);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

beforeAll(async () => {
  register.clear();
  const testing = await Test.createTestingModule({ imports: [SampleModule] }).compile();
  app = testing.createNestApplication<NestFastifyApplication>(createHttpAdapter(), { logger: false });
  setUpHttpApp(app, { name: 'sample' });
  guardHttp(app, gate, { costly: ['/costly'] });
  await app.listen(0, '127.0.0.1');
  register.registerMetric(
    new Gauge({ name: 'renders', help: 'Renders.', registers: [], collect: () => void (renders += 1) }),
  );
});
beforeEach(() => {
  handled = 0;
  closed = 0;
  renders = 0;
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await waitUntil('no stream is open', () => feed.stats().clients === 0);
});
afterAll(async () => {
  feed.close();
  await app.close();
});

describe('a connection whose requests wait for answers', () => {
  it('is closed beyond a bound, counted, and nothing more is done for it', async () => {
    const refused = gate.refusals().pipelined;
    const socket = await send(get('/slow').repeat(1400));
    await once(socket.resume(), 'close');
    expect(handled).toBeLessThanOrEqual(64);
    expect(gate.refusals().pipelined).toBe(refused + 1);
    release();
  });

  it('ends all that was begun for it when its client leaves, also what waits behind another answer', async () => {
    const socket = await send(get('/slow').repeat(10));
    await waitUntil('all are under way', () => handled === 10);
    socket.destroy();
    await waitUntil('all have ended', () => closed >= 10);
    expect(closed).toBe(10);
  });

  it('gets no stream behind an unanswered request', async () => {
    const refused = gate.refusals().pipelined;
    await send(get('/feed').repeat(10));
    await waitUntil('the others are refused', () => gate.refusals().pipelined === refused + 9);
    expect(feed.stats().clients).toBe(1);
  });

  it('takes rendering once for all that ask at once, and the service answers others meanwhile', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => send(get('/metrics').repeat(60))));
    const { port } = app.getHttpServer().address() as { port: number };
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    // 1,201 questions; a run for each chunk of the network at the very most.
    expect(renders).toBeLessThanOrEqual(41);
  });

  it('costs nothing once it is closed: what waits for its turn is not begun', async () => {
    const socket = await send(get('/costly').repeat(60));
    await waitUntil('the first has begun', () => handled > 0);
    socket.destroy();
    const { port } = app.getHttpServer().address() as { port: number };
    // Its turn comes after all that waited before it.
    expect((await fetch(`http://127.0.0.1:${port}/costly`)).status).toBe(200);
    expect(handled).toBeLessThan(61);
  });
});

describe('streams', () => {
  it('are bounded for each address, and room comes back with the end of one', async () => {
    const { port } = app.getHttpServer().address() as { port: number };
    const stop = new AbortController();
    const ask = async (): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/feed`, { signal: stop.signal, keepalive: false });
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    const third = await ask();
    expect(third.status).toBe(429);
    expect(third.headers.get('retry-after')).toBe('1');
    expect(gate.refusals().too_many_streams).toBe(1);
    stop.abort();
    await waitUntil('no stream is open', () => feed.stats().clients === 0);
    await send(get('/feed'));
    await waitUntil('a stream is open', () => feed.stats().clients === 1);
  });
});
