import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createBoundServer } from '../src/connections/connection-limits.js';
import { OpenConnections } from '../src/connections/open-connections.js';

const UNREAD_MS = 100;
/** More than the system takes for a reader that does not read. */
const LARGE_BYTES = 32 * 1024 * 1024;

/** Answers large or not at all, and tells how it went. */
async function dial(path: string, { isReading }: { isReading: boolean }) {
  let response: ServerResponse | undefined;
  const server = createBoundServer(
    (request, answer) => {
      response = answer;
      if (request.url === '/large') answer.end(Buffer.alloc(LARGE_BYTES));
    },
    new OpenConnections(),
    UNREAD_MS,
  );
  const timeouts: Socket[] = [];
  server.on('timeout', (socket: Socket) => timeouts.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1').on('error', () => undefined);
  if (isReading) client.resume();
  else client.pause();
  client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const close = async (): Promise<void> => {
    client.destroy();
    server.close();
    await once(server, 'close');
  };
  return { server, client, timeouts, answerOf: () => response, close };
}

describe('an answer that nobody reads', () => {
  it('is given up', async () => {
    const { server, client, answerOf, close } = await dial('/large', { isReading: false });
    await once(server, 'request');
    await once(answerOf() as ServerResponse, 'close');
    expect(client.bytesRead).toBeLessThan(LARGE_BYTES);
    await close();
  });

  it('is waited for as long as it takes when there is nothing to read yet', async () => {
    const { server, timeouts, answerOf, close } = await dial('/later', { isReading: true });
    await once(server, 'timeout');
    expect(timeouts[0]?.destroyed).toBe(false);
    answerOf()?.end('at last');
    await once(answerOf() as ServerResponse, 'close');
    await close();
  });
});
