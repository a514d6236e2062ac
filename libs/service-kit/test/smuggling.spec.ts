/** Requests that two readers could cut in different places: a proxy before us, and we. */
import { connect } from 'node:net';
import { Body, Controller, Get, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startHttpApp } from './http-app.fixture.js';

const seen: string[] = [];

@Controller()
class SeenController {
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    seen.push('echo');
    return body;
  }

  @Get('hidden')
  hidden(): string {
    seen.push('hidden');
    return 'hidden';
  }
}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await startHttpApp(SeenController);
});
afterAll(() => app.close());
beforeEach(() => {
  seen.length = 0;
});

/** All that the server says to these bytes until it closes the connection. */
async function exchange(bytes: string): Promise<string> {
  const { port } = app.getHttpServer().address() as { port: number };
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.write(bytes, 'latin1');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const post = (headers: string, body: string): string =>
  `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;

describe('a request with a second one hidden in it', () => {
  it.each([
    [
      'a length and chunks',
      post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`),
    ],
    [
      'chunks and a length',
      post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${HIDDEN}`),
    ],
    ['two lengths', post(`Content-Length: 2\r\nContent-Length: ${2 + HIDDEN.length}\r\n`, `{}${HIDDEN}`)],
    ['two equal lengths', post('Content-Length: 2\r\nContent-Length: 2\r\n', `{}${HIDDEN}`)],
    ['a list of lengths', post('Content-Length: 2, 2\r\n', `{}${HIDDEN}`)],
    ['a signed length', post('Content-Length: +2\r\n', `{}${HIDDEN}`)],
    ['a hexadecimal length', post('Content-Length: 0x2\r\n', `{}${HIDDEN}`)],
    ['a folded length', post('Content-Length:\r\n 2\r\n', `{}${HIDDEN}`)],
    ['a folded header', post('X-Note: a\r\n b: c\r\nContent-Length: 2\r\n', `{}${HIDDEN}`)],
    ['a space before the colon', post('Content-Length : 2\r\n', `{}${HIDDEN}`)],
    [
      'an encoding that is not the last',
      post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${HIDDEN}`),
    ],
    ['an encoding nobody knows', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['a chunk size with a sign', post('Transfer-Encoding: chunked\r\n', `+2\r\n{}\r\n0\r\n\r\n${HIDDEN}`)],
    ['a bare line feed in the header', post('X-Note: a\nContent-Length: 2\r\n', `{}${HIDDEN}`)],
    ['a bare carriage return', post('X-Note: a\rContent-Length: 2\r\n', `{}${HIDDEN}`)],
    ['a NUL in a header', post('X-Note: a\0b\r\nContent-Length: 2\r\n', `{}${HIDDEN}`)],
  ])('is refused with 400, and neither is carried out: %s', async (_, bytes) => {
    const answer = await exchange(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(seen).toEqual([]);
  });

  it('is two requests when it is cut where everybody cuts it', async () => {
    const answer = await exchange(post('Content-Length: 2\r\n', `{}${HIDDEN}`));
    expect(answer.match(/HTTP\/1\.1 20/g)).toHaveLength(2);
    // They are carried out at the same time; only their answers have an order.
    expect(seen.toSorted()).toEqual(['echo', 'hidden']);
  });

  it('stays one body when its length says so', async () => {
    const body = JSON.stringify({ text: HIDDEN });
    const answer = await exchange(post(`Connection: close\r\nContent-Length: ${body.length}\r\n`, body));
    expect(answer).toContain(JSON.stringify(HIDDEN));
    expect(seen).toEqual(['echo']);
  });
});
