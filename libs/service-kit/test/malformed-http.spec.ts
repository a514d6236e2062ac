import { connect } from 'node:net';
import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventFeed } from '../src/index.js';
import { startHttpApp } from './http-app.fixture.js';

const feed = new EventFeed<unknown>();

@Controller()
class EchoController {
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }

  @Get('feed')
  feed(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    feed.serve(request, reply);
  }
}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startHttpApp(EchoController);
});
afterAll(async () => {
  feed.close();
  await app.close();
});

/** All that the server says to these bytes until it closes the connection. */
async function exchange(...writes: string[]): Promise<string> {
  const { port } = app.getHttpServer().address() as { port: number };
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  const [first = '', ...later] = writes;
  socket.write(first);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const next = later.shift();
    if (next !== undefined) socket.write(next);
  }
  return text;
}

const HEAD = 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

describe('HTTP that cannot be read', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'request'],
    ['a broken chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, 'request'],
    [
      'two lengths',
      `${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'request',
    ],
    ['too large a header', `${HEAD}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: b\r\nConnection: close\r\n\r\n', 400, 'host'],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'host'],
  ])('is answered with a problem document: %s', async (_, bytes, status, field) => {
    const answer = await exchange(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
    const body: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(body).toMatchObject({ status, errors: [{ field }] });
  });

  it('writes nothing into an answer that has begun', async () => {
    const answer = await exchange('GET /feed HTTP/1.1\r\nHost: localhost\r\n\r\n', 'hello\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('is told when it does not come to its end in time', async () => {
    const server = app.getHttpServer();
    const { headersTimeout } = server;
    expect(headersTimeout).toBe(10_000);
    server.headersTimeout = 1;
    expect(await exchange('GET / HTTP/1.1\r\nHost: local')).toMatch(/^HTTP\/1.1 408 /);
    server.headersTimeout = headersTimeout;
  });
});

describe('a body in another encoding', () => {
  it.each([
    ['compressed', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 'content-encoding'],
    ['UTF-16', { 'content-type': 'application/json; charset=utf-16' }, 'content-type'],
  ])('is refused with 415: %s', async (_, headers, field) => {
    const response = await app.inject({ method: 'POST', url: '/echo', headers, payload: '{}' });
    expect(response.statusCode).toBe(415);
    expect(response.json()).toMatchObject({ status: 415, errors: [{ field }] });
  });

  it('is taken when it is UTF-8 and says so', async () => {
    const headers = { 'content-type': 'application/json; charset="UTF-8"', 'content-encoding': 'identity' };
    const response = await app.inject({ method: 'POST', url: '/echo', headers, payload: '{"a":"é"}' });
    expect(response.json()).toEqual({ a: 'é' });
  });
});
