/** A peer that is connected and silent: given up after six heartbeats, and found again when it goes on. */
import { lastValueFrom } from 'rxjs';
import { PeerUnreachableError, ZmqClient, type ZmqClientOptions } from '../../src/index.js';
import { PeerProcess } from '../delivery/harness/peer-process.js';
import { until } from '../harness/until.js';

jest.setTimeout(60_000);

const HEARTBEAT = { heartbeatIntervalMs: 50, reconnectIntervalMs: 10, reconnectMaxIntervalMs: 50 };
const KIB_5 = 'x'.repeat(5 * 1024);

const server = (endpoint: string, options: object): string => `
  const server = new zmq.ZmqServer(${JSON.stringify({ ...HEARTBEAT, ...options })});
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  server.addHandler('tick', async () => undefined, true);
  server.addHandler('echo', async (data) => data);
  server.addHandler('slow', async (data) => { await pause(1000); return data; });
  server.listen((error) => say(error ? 'failed ' + error : 'ready ' + (${endpoint})));
`;
const binding = (pair: string): string =>
  server('server.boundAddresses[0]', { pair, bind: 'tcp://127.0.0.1:*' });

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function peer(body: string): PeerProcess {
  const process = new PeerProcess(body);
  closing.push(() => process.kill());
  return process;
}

async function connected(options: ZmqClientOptions): Promise<ZmqClient> {
  const client = new ZmqClient({ ...HEARTBEAT, drainTimeoutMs: 0, lingerMs: 0, ...options });
  closing.push(() => client.close());
  await client.open();
  return client;
}

const isConnected = (client: ZmqClient) => (): boolean => client.linkState === 'connected';
const isDisconnected = (client: ZmqClient) => (): boolean => client.linkState === 'disconnected';

describe('a frozen PULL', () => {
  it('is given up once it has taken nothing for six heartbeats, and gets the rest when it goes on', async () => {
    const frozen = peer(binding('push-pull'));
    const client = await connected({ connect: await frozen.said('ready'), highWaterMark: 1 });
    await until(isConnected(client));
    frozen.freeze();
    const isFull = (): boolean => client.stats().queuedEvents > 100;
    await until(() => {
      if (!isFull()) client.emit('tick', KIB_5);
      return isDisconnected(client)();
    }, 30_000);
    frozen.thaw();
    await until(() => client.stats().queuedEvents === 0);
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 1 });
  });
});

describe('a frozen ROUTER', () => {
  it('is given up after six heartbeats, with the requests it has, and found again when it goes on', async () => {
    const frozen = peer(binding('dealer-router'));
    const client = await connected({ pair: 'dealer-router', connect: await frozen.said('ready') });
    await until(isConnected(client));
    frozen.freeze();
    await expect(lastValueFrom(client.send('echo', 1))).rejects.toBeInstanceOf(PeerUnreachableError);
    expect(client.stats()).toMatchObject({ state: 'disconnected', pendingRequests: 0 });
    frozen.thaw();
    await until(isConnected(client));
    expect(client.stats()).toMatchObject({ peers: 1, reconnects: 1 });
    expect(await lastValueFrom(client.send('echo', 2))).toBe(2);
  });

  it('that had connected to its client is found again, too', async () => {
    const client = await connected({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*' });
    const address = client.unwrap()[0]?.lastEndpoint ?? '';
    const frozen = peer(server("''", { pair: 'dealer-router', connect: address }));
    await until(isConnected(client), 20_000);
    frozen.freeze();
    await until(isDisconnected(client));
    frozen.thaw();
    await until(isConnected(client));
    expect(await lastValueFrom(client.send('echo', 3))).toBe(3);
  });
});

describe('a ROUTER whose handler takes longer than six heartbeats', () => {
  it('is not given up', async () => {
    const slow = peer(binding('dealer-router'));
    const client = await connected({ pair: 'dealer-router', connect: await slow.said('ready') });
    expect(await lastValueFrom(client.send('slow', 4))).toBe(4);
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 0 });
  });
});

describe('a client that is held up longer than six heartbeats', () => {
  it('does not give up a server that answers', async () => {
    const honest = peer(binding('dealer-router'));
    const client = await connected({ pair: 'dealer-router', connect: await honest.said('ready') });
    await until(isConnected(client));
    const end = performance.now() + 600;
    while (performance.now() < end);
    expect(await lastValueFrom(client.send('echo', 5))).toBe(5);
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 0 });
  });
});
