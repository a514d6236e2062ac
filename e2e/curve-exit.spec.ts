import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ProgramScope } from '../testing/program.js';
import { ROOT } from '../testing/root.js';

const LIBRARY = pathToFileURL(join(ROOT, 'dist/apps/publisher/libs/zmq-transport/src/index.js')).href;

const scope = new ProgramScope();
afterEach(() => scope.dispose());

/** A server with CURVE, and clients that are let in, refused and without a key, all of them under way when it closes. */
const PROGRAM = (pair: string, binds: 'server' | 'client'): string => `
  import 'reflect-metadata';
  import { curveKeyPair } from 'zeromq';
  const { ZmqClient, ZmqServer } = await import(${JSON.stringify(LIBRARY)});
  const settings = { pair: '${pair}', lingerMs: 300, drainTimeoutMs: 100, reconnectIntervalMs: 1, reconnectMaxIntervalMs: 3 };
  const [server, known, stranger] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];
  const keys = [known, stranger, undefined];
  const clientOf = (keyPair, where) =>
    new ZmqClient({ ...settings, ...where, ...(keyPair && { curve: { keyPair, serverKey: server.publicKey } }) });
  const curve = { keyPair: server, allowedClients: [known.publicKey] };
  const serve = async (where) => {
    const one = new ZmqServer({ ...settings, ...where, curve });
    one.addHandler('event', async () => undefined, true);
    await new Promise((resolve, reject) => one.listen((error) => (error ? reject(error) : resolve())));
    return one;
  };
  const open = async (where) => {
    const clients = keys.map((key) => clientOf(key, where));
    for (const client of clients) await client.open();
    return clients;
  };
  let served, clients;
  if ('${binds}' === 'server') {
    served = await serve({ bind: 'tcp://127.0.0.1:*' });
    clients = await open({ connect: served.boundAddresses[0] });
  } else {
    clients = await open({ bind: 'tcp://127.0.0.1:*' });
    served = await serve({ connect: clients.map((client) => client.unwrap()[0].lastEndpoint) });
  }
  while (served.stats().deniedPeers < 50 || served.stats().peers < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await served.close();
  for (const client of clients) await client.close();
  console.log('closed');
`;

const WIRINGS = ['push-pull', 'pub-sub', 'dealer-router'].flatMap((pair) => [
  [pair, 'server'] as const,
  [pair, 'client'] as const,
]);

describe.each(WIRINGS)('a process with a %s CURVE server, where the %s binds', (pair, binds) => {
  it('exits by itself in the middle of refused handshakes, and is never aborted', async () => {
    const child = scope.start(process.execPath, ['--input-type=module', '-e', PROGRAM(pair, binds)]);
    await child.waitForOutput(/closed/);
    const closedAtMs = performance.now();
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - closedAtMs).toBeLessThan(3000);
  });
});
