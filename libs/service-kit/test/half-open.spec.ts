import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Body, Controller, Get, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startHttpApp } from './http-app.fixture.js';

/** The grace for requests under way, and room for a busy machine. */
const STOP_LIMIT_MS = 4000;
/** Well under the grace: nothing was under way. */
const AT_ONCE_MS = 1000;

let entered: () => void = () => undefined;
let release: () => void = () => undefined;

@Controller()
class SlowController {
  @Get('slow')
  async slow(): Promise<string> {
    entered();
    await new Promise<void>((resolve) => (release = resolve));
    return 'done';
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

const open: Socket[] = [];
let app: NestFastifyApplication;

/** A connection that has sent `text`, and that the server knows of. */
async function halfOpen(text: string): Promise<Socket> {
  const { port } = app.getHttpServer().address() as { port: number };
  const accepted = once(app.getHttpServer(), 'connection');
  const socket = connect(port, '127.0.0.1');
  // How it is cut off does not matter here.
  socket.on('error', () => undefined);
  open.push(socket);
  await once(socket, 'connect');
  const [peer] = (await accepted) as [Socket];
  if (text !== '') {
    socket.write(text);
    while (peer.bytesRead < text.length) await new Promise(setImmediate);
  }
  return socket;
}

async function closeMs(): Promise<number> {
  const startMs = performance.now();
  await app.close();
  return performance.now() - startMs;
}

beforeEach(async () => {
  app = await startHttpApp(SlowController);
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await app.close();
});

describe('a service that is closed', () => {
  it.each([
    ['never sent anything', ''],
    ['sent half a header', 'POST /echo HTTP/1.1\r\nHost: local'],
  ])('does not wait for a connection that %s', async (_, text) => {
    await halfOpen(text);
    expect(await closeMs()).toBeLessThan(AT_ONCE_MS);
  });

  it('does not wait for long for the rest of a body', async () => {
    const head = 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    await halfOpen(`${head}Content-Length: 100\r\n\r\n{`);
    expect(await closeMs()).toBeLessThan(STOP_LIMIT_MS);
  });

  it('lets a request that is under way finish, and its connection end with it', async () => {
    const begun = new Promise<void>((resolve) => (entered = resolve));
    const request = get(`${await app.getUrl()}/slow`);
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    await begun;
    const closing = closeMs();
    while (app.getHttpServer().listening) await new Promise(setImmediate);
    release();
    const [response] = await answered;
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(text).toBe('done');
    expect(await closing).toBeLessThan(AT_ONCE_MS);
  });
});
