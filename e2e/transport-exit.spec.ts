import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Pull, Router, type Socket, Subscriber } from 'zeromq';
import { type Program, ProgramScope } from '../testing/program.js';
import { ROOT } from '../testing/root.js';

const LIBRARY = pathToFileURL(join(ROOT, 'dist/apps/publisher/libs/zmq-transport/src/index.js')).href;
const LINGER_MS = 300;
/** For a busy machine to notice; far below the 30 s of a request or an endless linger. */
const MARGIN_MS = 2500;

const PAIRS = ['push-pull', 'pub-sub', 'dealer-router'] as const;
type Pair = (typeof PAIRS)[number];

/** Each peer is connected and never reads a thing. */
const DEAF: Record<Pair, () => Socket> = {
  'push-pull': () => new Pull({ linger: 0, receiveHighWaterMark: 1 }),
  'pub-sub': () => {
    const socket = new Subscriber({ linger: 0, receiveHighWaterMark: 1 });
    socket.subscribe('');
    return socket;
  },
  'dealer-router': () => new Router({ linger: 0, receiveHighWaterMark: 1 }),
};

const scope = new ProgramScope();
afterEach(() => scope.dispose());

function run(script: string): Program {
  const program = `
    import 'reflect-metadata';
    const { ZmqClient, ZmqServer } = await import(${JSON.stringify(LIBRARY)});
    const settings = { lingerMs: ${LINGER_MS}, drainTimeoutMs: 100, connectTimeoutMs: 60_000 };
    ${script}
  `;
  return scope.start(process.execPath, ['--input-type=module', '-e', program]);
}

/** @returns how long the process lived after it said that all was closed, in milliseconds. */
async function lifeAfterClose(child: Program): Promise<number> {
  await child.waitForOutput(/closed/);
  const closedAt = performance.now();
  expect({ exit: await child.exited, stderr: child.stderr }).toMatchObject({
    exit: { code: 0, signal: null },
  });
  return performance.now() - closedAt;
}

describe.each(PAIRS)('a process with a %s client', (pair) => {
  it('exits by itself after close(), with events and requests waiting and nobody there', async () => {
    const child = run(`
      const client = new ZmqClient({ pair: '${pair}', connect: 'tcp://127.0.0.1:1', ...settings });
      for (let n = 0; n < 1000; n += 1) client.emit('event', { n });
      client.send('request', 1).subscribe({ error: () => undefined });
      client.connect().catch(() => undefined);
      await client.close();
      console.log('closed');
    `);
    expect(await lifeAfterClose(child)).toBeLessThan(LINGER_MS + MARGIN_MS);
  });

  it('exits by itself after close(), with messages queued for a peer that never reads', async () => {
    const deaf = DEAF[pair]();
    await deaf.bind('tcp://127.0.0.1:*');
    const handshake = new Promise((resolve) => deaf.events.on('handshake', resolve));
    const child = run(`
      const client = new ZmqClient({ pair: '${pair}', connect: '${deaf.lastEndpoint ?? ''}', highWaterMark: 10, ...settings });
      client.connect().catch(() => undefined);
      for (let n = 0; n < 2000; n += 1) client.emit('event', 'x'.repeat(10_000));
      await new Promise((resolve) => client.unwrap()[0].events.on('handshake', resolve));
      for (let n = 0; n < 2000; n += 1) client.emit('event', 'x'.repeat(10_000));
      await client.close();
      console.log('closed');
    `);
    await handshake;
    expect(await lifeAfterClose(child)).toBeLessThan(LINGER_MS + MARGIN_MS);
    deaf.close();
  });
});

describe.each(PAIRS)('a process with a %s server', (pair) => {
  it('exits by itself after close(), without a peer and with one', async () => {
    const child = run(`
      const server = new ZmqServer({ pair: '${pair}', bind: 'tcp://127.0.0.1:*', ...settings });
      await new Promise((resolve, reject) => server.listen((error) => (error ? reject(error) : resolve())));
      const other = new ZmqServer({ pair: '${pair}', bind: 'tcp://127.0.0.1:*', ...settings });
      other.addHandler('event', async () => undefined, true);
      await new Promise((resolve, reject) => other.listen((error) => (error ? reject(error) : resolve())));
      const client = new ZmqClient({ pair: '${pair}', connect: other.boundAddresses[0], ...settings });
      await client.open();
      await new Promise((resolve) => client.status.subscribe((state) => state === 'connected' && resolve()));
      client.emit('event', 1);
      await Promise.all([server.close(), other.close(), client.close()]);
      console.log('closed');
    `);
    expect(await lifeAfterClose(child)).toBeLessThan(LINGER_MS + MARGIN_MS);
  });

  it('survives process.exit() with all its sockets open', async () => {
    const child = run(`
      const server = new ZmqServer({ pair: '${pair}', bind: 'tcp://127.0.0.1:*', ...settings });
      server.addHandler('event', async () => undefined, true);
      await new Promise((resolve, reject) => server.listen((error) => (error ? reject(error) : resolve())));
      const client = new ZmqClient({ pair: '${pair}', connect: server.boundAddresses[0], ...settings });
      await client.open();
      await new Promise((resolve) => client.status.subscribe((state) => state === 'connected' && resolve()));
      for (let n = 0; n < 1000; n += 1) client.emit('event', n);
      process.exit(7);
    `);
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(child.stderr).toBe('');
  });
});
