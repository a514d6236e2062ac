import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ProgramScope } from '../testing/program.js';
import { chooseAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { postTrade } from './harness/trade-poster.js';

/** The grace for requests under way, the drain, and room for a busy machine; container runtimes kill after 10 s. */
const STOP_LIMIT_MS = 6000;

/** Nothing at all, half a header, and one byte of a body of 100. */
const HALF_REQUESTS = [
  '',
  'GET /health HTTP/1.1\r\nHost: local',
  'POST /trades HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[',
];

describe('clients that stop in the middle of a request', () => {
  const scope = new ProgramScope();
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await scope.dispose();
  });

  async function holdOpen(port: number): Promise<void> {
    for (const text of HALF_REQUESTS) {
      const socket = connect(port, '127.0.0.1');
      // How it is cut off does not matter here.
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      if (text !== '') await new Promise((resolve) => socket.write(text, resolve));
    }
  }

  it('keep neither app from draining and ending on SIGTERM', async () => {
    const at = await chooseAddresses();
    const sidecar = await startSidecar(scope, at);
    const publisher = await startPublisher(scope, at);
    await holdOpen(at.publisherPort);
    await holdOpen(at.sidecarPort);
    expect((await postTrade(at.publisherUrl, { side: 'buy', qty: 1 })).status).toBe(202);

    for (const [app, drained] of [
      [publisher, 'publisher drained: '],
      [sidecar, 'sidecar drained: received=1'],
    ] as const) {
      const startMs = performance.now();
      expect(await app.stop('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(performance.now() - startMs).toBeLessThan(STOP_LIMIT_MS);
      expect(app.stdout).toContain(drained);
    }
  });
});
