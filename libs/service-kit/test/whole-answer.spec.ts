import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createBoundServer } from '../src/connections/connection-limits.js';
import { OpenConnections } from '../src/connections/open-connections.js';

type Answer = (response: ServerResponse) => void;

let answer: Answer;
let finished = 0;
let writes = 0;

const server = createBoundServer((_request: IncomingMessage, response) => {
  response.once('finish', () => (finished += 1));
  answer(response);
}, new OpenConnections());

/** Counts what a connection hands to the system. */
function count(socket: Socket): void {
  const { _write: one, _writev: many } = socket;
  socket._write = (...chunk) => {
    writes += 1;
    one.apply(socket, chunk);
  };
  socket._writev = (...chunks) => {
    writes += 10;
    many?.apply(socket, chunks);
  };
}

/** All that comes back for `requests`, sent at once on one connection that the last of them closes. */
async function ask(...requests: string[]): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const last = requests.length - 1;
  const heads = requests.map(
    (line, at) => `${line} HTTP/1.1\r\nhost: a\r\n${at === last ? 'connection: close\r\n' : ''}\r\n`,
  );
  socket.write(heads.join(''));
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await once(socket, 'close');
  return text;
}

const whole: Answer = (response) => {
  response.writeHead(200, { 'content-length': '3' });
  response.end('abc');
};

describe('the answers of a service', () => {
  beforeAll(async () => {
    server.on('connection', count);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    writes = 0;
    finished = 0;
  });
  afterAll(async () => {
    server.close();
    await once(server, 'close');
  });

  it('go to the system by one plain write, head and body', async () => {
    answer = whole;
    const text = await ask('GET /');
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nabc$/);
    expect({ writes, finished }).toEqual({ writes: 1, finished: 1 });
  });

  it.each<[string, Answer, string]>([
    [
      'an answer without a length',
      (response) => {
        response.writeHead(200);
        response.end('abc');
      },
      '3\r\nabc\r\n0\r\n\r\n',
    ],
    ['an answer without a head', (response) => void response.end('abc', 'latin1'), 'abc'],
    [
      'an answer whose end is awaited',
      (response) => {
        response.writeHead(200, { 'content-length': '3' });
        response.end('abc', () => undefined);
      },
      'abc',
    ],
    [
      'bytes',
      (response) => {
        response.writeHead(200, { 'content-length': '2' });
        response.end(Buffer.from('é'));
      },
      'é',
    ],
    [
      'text beyond ASCII',
      (response) => {
        response.writeHead(200, { 'content-length': '2' });
        response.end('é');
      },
      'é',
    ],
  ])('are complete: %s', async (_, given, body) => {
    answer = given;
    const text = await ask('GET /');
    expect(text.split('\r\n\r\n').slice(1).join('\r\n\r\n')).toBe(body);
    expect(finished).toBe(1);
  });

  it('have no body for HEAD', async () => {
    answer = whole;
    expect(await ask('HEAD /')).toMatch(/content-length: 3\r\n[\s\S]*\r\n\r\n$/);
    expect(finished).toBe(1);
  });

  it('keep their order when several requests came at once', async () => {
    let number = 0;
    answer = (response) => {
      const text = `answer ${(number += 1)}`;
      response.writeHead(200, { 'content-length': String(text.length) });
      if (number === 1) setImmediate(() => response.end(text));
      else response.end(text);
    };
    const text = await ask('GET /', 'GET /', 'GET /');
    expect(text.match(/answer \d/g)).toEqual(['answer 1', 'answer 2', 'answer 3']);
    expect(finished).toBe(3);
  });
});
