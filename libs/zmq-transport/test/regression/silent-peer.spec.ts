/** A peer that is connected and silent: given up where it owes an answer, and only when it hangs. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { Dealer } from 'zeromq';
import { PeerUnreachableError, ZmqClient, type ZmqClientOptions } from '../../src/index.js';
import { kindFrame, PING } from '../../src/wire/frames.js';
import { PeerScope } from '../delivery/harness/peer-process.js';
import { ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { Link } from '../../../../testing/link.js';
import { until } from '../harness/until.js';

const HEARTBEAT = { heartbeatIntervalMs: 200, reconnectIntervalMs: 10, reconnectMaxIntervalMs: 50 };
const KIB_5 = 'x'.repeat(5 * 1024);

const binding = (pair: string, options: object = {}): string => `
  const server = new zmq.ZmqServer(${JSON.stringify({ pair, bind: 'tcp://127.0.0.1:*', ...HEARTBEAT, ...options })});
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  server.addHandler('tick', async ({ n }) => say('tick ' + n), true);
  server.addHandler('late', async ({ n }) => { await pause(100); say('late ' + n); }, true);
  server.addHandler('echo', async (data) => data);
  server.addHandler('slow', async (data) => { await pause(2000); return data; });
  server.listen((error) => say(error ? 'failed ' + error : 'ready ' + server.boundAddresses[0]));
`;

const peers = new PeerScope();
const scope = new ServiceScope();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await peers.dispose();
  await scope.dispose();
});

async function connected(options: ZmqClientOptions): Promise<ZmqClient> {
  const client = new ZmqClient({ ...HEARTBEAT, drainTimeoutMs: 0, lingerMs: 0, ...options });
  closing.push(() => client.close());
  await client.open();
  return client;
}

const numbers = (to: number): number[] => Array.from({ length: to }, (_, n) => n + 1);
const isConnected = (client: ZmqClient) => (): boolean => client.linkState === 'connected';
const isDisconnected = (client: ZmqClient) => (): boolean => client.linkState === 'disconnected';

describe('a frozen PULL', () => {
  it('keeps its connection, and gets everything when it goes on', async () => {
    const frozen = peers.start(binding('push-pull'));
    const client = await connected({ connect: await frozen.said('ready'), highWaterMark: 1 });
    await until(isConnected(client));
    frozen.freeze();
    const end = performance.now() + 20 * HEARTBEAT.heartbeatIntervalMs;
    let sent = 0;
    await until(() => {
      // Until its buffers are full, and the outbox begins to fill.
      while (client.stats().queuedEvents < 100) client.emit('tick', { n: (sent += 1), text: KIB_5 });
      return performance.now() > end;
    });
    expect(client.linkState).toBe('connected');
    frozen.thaw();
    await until(() => frozen.numbers('tick').length === sent);
    expect(frozen.numbers('tick')).toEqual(numbers(sent));
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 0 });
  });
});

describe('a frozen ROUTER', () => {
  it('is given up after six heartbeats, with the requests it has, and found again when it goes on', async () => {
    const frozen = peers.start(binding('dealer-router'));
    const client = await connected({ pair: 'dealer-router', connect: await frozen.said('ready') });
    await until(isConnected(client));
    client.emit('tick', { n: 1 });
    expect(await lastValueFrom(client.send('echo', 0))).toBe(0);
    // Long enough for a beat: once it is answered, the event is known to be taken.
    expect(await lastValueFrom(client.send('slow', 0))).toBe(0);
    frozen.freeze();
    const answer = lastValueFrom(client.send('echo', 1));
    await expect(answer).rejects.toBeInstanceOf(PeerUnreachableError);
    expect(client.stats()).toMatchObject({ state: 'disconnected', pendingRequests: 0 });
    frozen.thaw();
    await until(isConnected(client));
    expect(client.stats()).toMatchObject({ peers: 1, reconnects: 1 });
    expect(await lastValueFrom(client.send('echo', 2))).toBe(2);
  });

  it('of two is given up alone', async () => {
    const frozen = peers.start(binding('dealer-router'));
    const other = peers.start(binding('dealer-router'));
    const client = await connected({
      pair: 'dealer-router',
      connect: [await frozen.said('ready'), await other.said('ready')],
    });
    await until(() => client.stats().peers === 2);
    frozen.freeze();
    const answers: Promise<unknown>[] = [];
    for (const n of [1, 2, 3, 4]) {
      // In messages of their own: the two take turns.
      answers.push(lastValueFrom(client.send('slow', n)));
      await nextTurn();
      await until(() => client.stats().queuedEvents === 0);
    }
    const outcomes = (await Promise.allSettled(answers)).map(({ status }) => status);
    expect(outcomes.toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(client.stats().peers).toBe(1);
    expect(await lastValueFrom(client.send('echo', 5))).toBe(5);
    frozen.thaw();
    await until(() => client.stats().peers === 2);
  });
});

describe('a link that is silent, and then cut and mended', () => {
  it('carries acknowledged events again, also when the earlier connection lingers and comes back', async () => {
    const router = peers.start(binding('dealer-router'));
    const proxy = await Link.open(await router.said('ready'));
    closing.push(() => proxy.close());
    const client = await connected({
      pair: 'dealer-router',
      connect: proxy.address,
      lingerMs: 5000,
      delivery: { mode: 'acknowledged' },
    });
    await until(isConnected(client));
    const before = client.unwrap()[0];
    let comesBack = false;
    before?.events.on('handshake', () => (comesBack = true));
    proxy.hold();
    let sent = 0;
    const emit = (count: number): void => {
      for (let n = 0; n < count; n += 1) client.emit('tick', { n: (sent += 1), text: KIB_5 });
    };
    // More than a connection holds: the closed socket has something left to send, and connects once more for it.
    emit(4000);
    await until(isDisconnected(client));
    proxy.cut();
    proxy.restore();
    const isAcknowledged = (): boolean => client.stats().delivery?.unacknowledgedEvents === 0;
    await until(isAcknowledged);
    await until(() => comesBack);
    // Longer than a client waits before it says HELLO again.
    const end = performance.now() + 11_000;
    await until(() => performance.now() > end);
    emit(10);
    await until(isAcknowledged);
    expect(router.numbers('tick')).toEqual(numbers(sent));
  });
});

describe('a ROUTER that is slow', () => {
  it('is not given up while a handler takes longer than six heartbeats', async () => {
    const slow = peers.start(binding('dealer-router'));
    const client = await connected({ pair: 'dealer-router', connect: await slow.said('ready') });
    expect(await lastValueFrom(client.send('slow', 4))).toBe(4);
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 0 });
  });

  it('is not given up while a request waits behind events', async () => {
    const slow = peers.start(binding('dealer-router', { maxInFlight: 1 }));
    const client = await connected({ pair: 'dealer-router', connect: await slow.said('ready') });
    await until(isConnected(client));
    for (let n = 1; n <= 40; n += 1) client.emit('late', { n });
    // The events are on their way before the request is.
    await until(() => client.stats().queuedEvents === 0);
    expect(await lastValueFrom(client.send('echo', 5))).toBe(5);
    expect(slow.numbers('late')).toEqual(numbers(40));
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 0 });
  });

  it('loses no event though it takes them one by one and late', async () => {
    const slow = peers.start(binding('dealer-router', { maxInFlight: 1, highWaterMark: 1 }));
    const client = await connected({
      pair: 'dealer-router',
      connect: await slow.said('ready'),
      maxBatchEvents: 1,
      highWaterMark: 1,
    });
    await until(isConnected(client));
    for (let n = 1; n <= 60; n += 1) client.emit('late', { n, text: KIB_5 });
    await until(() => slow.numbers('late').length === 60);
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 0 });
  });
});

describe('a client that is held up longer than six heartbeats', () => {
  it('does not give up a server that answers', async () => {
    const honest = peers.start(binding('dealer-router'));
    const client = await connected({ pair: 'dealer-router', connect: await honest.said('ready') });
    await until(isConnected(client));
    const answer = lastValueFrom(client.send('slow', 6));
    const end = performance.now() + 20 * HEARTBEAT.heartbeatIntervalMs;
    while (performance.now() < end);
    expect(await answer).toBe(6);
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 0 });
  });
});

describe('a server that is closed while its clients ask whether it is there', () => {
  it('does not wait for them to stop', async () => {
    const { server, address } = await scope.start({
      wiring: TCP_DEALER_ROUTER,
      controllers: [],
      server: { drainTimeoutMs: 2000 },
    });
    const dealer = new Dealer({ linger: 0 });
    dealer.connect(address);
    const asking = setInterval(() => void dealer.send([kindFrame(PING), 'there?']), 10);
    for (let pongs = 0; pongs < 3; pongs += 1) await dealer.receive();
    expect(await server.drain()).toMatchObject({ empty: true });
    clearInterval(asking);
    dealer.close();
  });
});
