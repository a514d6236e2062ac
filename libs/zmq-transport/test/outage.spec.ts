import { lastValueFrom } from 'rxjs';
import { Pull } from 'zeromq';
import {
  ClientClosedError,
  EventTooLargeError,
  type LinkState,
  OutboxFullError,
  ZmqClient,
} from '../src/index.js';
import { startTickApp } from './harness/tick-app.js';
import { until } from './harness/until.js';

/** A loopback port that was free a moment ago. */
async function freeAddress(): Promise<string> {
  const socket = new Pull({ linger: 0 });
  await socket.bind('tcp://127.0.0.1:*');
  const address = socket.lastEndpoint ?? '';
  await socket.unbind(address);
  socket.close();
  return address;
}

describe('a client whose server is away', () => {
  it('keeps events in its outbox and sends them in order when the server comes', async () => {
    const address = await freeAddress();
    const client = new ZmqClient({ connect: address, reconnectMaxIntervalMs: 200 });
    for (let n = 0; n < 5000; n += 1) {
      client.emit('tick', { n });
    }
    expect(client.linkState).toBe('connecting');
    expect(client.stats()).toMatchObject({ queuedEvents: 5000, sent: 0, peers: 0 });
    const tick = await startTickApp({ bind: address });
    await until(() => tick.seen.length === 5000);
    expect(tick.numbers()).toEqual(Array.from({ length: 5000 }, (_, n) => n));
    expect(client.stats()).toMatchObject({ queuedEvents: 0, sent: 5000, state: 'connected' });
    await client.close();
    await tick.app.close();
  });

  it.each(['tcp://127.0.0.1:*', 'inproc://early'])('keeps what comes while it binds %s', async (bind) => {
    const client = new ZmqClient({ bind });
    client.emit('tick', { n: 1 });
    client.emit('tick', { n: 2 });
    await client.open();
    client.emit('tick', { n: 3 });
    const pull = new Pull({ linger: 0, receiveTimeout: 5000 });
    pull.connect(client.unwrap()[0]?.lastEndpoint ?? bind);
    const numbers: number[] = [];
    while (numbers.length < 3) {
      const [frame] = await pull.receive();
      const packets = [JSON.parse(String(frame)) as unknown].flat() as { data: { n: number } }[];
      numbers.push(...packets.map(({ data }) => data.n));
    }
    expect(numbers).toEqual([1, 2, 3]);
    expect(client.linkState).toBe('connected');
    await client.close();
    pull.close();
  });

  it('refuses what its outbox has no room for, names the limit, counts it, and recovers', async () => {
    const address = await freeAddress();
    const client = new ZmqClient({
      connect: address,
      outbox: { maxEvents: 10 },
      reconnectMaxIntervalMs: 200,
    });
    const emits = Array.from({ length: 12 }, (_, n) => lastValueFrom(client.emit('tick', { n })));
    const results = await Promise.allSettled(emits);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect((results[11] as PromiseRejectedResult).reason).toBeInstanceOf(OutboxFullError);
    expect((results[11] as PromiseRejectedResult).reason).toMatchObject({
      code: 'ERR_ZMQ_OUTBOX_FULL',
      queuedEvents: 10,
    });
    expect(client.stats()).toMatchObject({ accepted: 10, queuedEvents: 10, drops: { outbox_full: 2 } });
    const tick = await startTickApp({ bind: address });
    await until(() => tick.seen.length === 10);
    client.emit('tick', { n: 12 });
    await until(() => tick.seen.length === 11);
    await client.close();
    await tick.app.close();
  });

  it('reports its link truly through loss and return, to late listeners too', async () => {
    const first = await startTickApp();
    const client = new ZmqClient({ connect: first.address, reconnectMaxIntervalMs: 200 });
    const states: LinkState[] = [];
    client.status.subscribe((state) => states.push(state));
    await client.connect();
    await until(() => client.linkState === 'connected');
    await first.app.close();
    await until(() => client.linkState === 'disconnected');
    client.emit('tick', { n: 1 });
    expect(client.stats()).toMatchObject({ queuedEvents: 1, peers: 0 });
    const second = await startTickApp({ bind: first.address });
    await until(() => second.seen.length === 1);
    const late: LinkState[] = [];
    client.status.subscribe((state) => late.push(state));
    expect(late).toEqual(['connected']);
    await client.close();
    expect(states).toEqual(['idle', 'connecting', 'connected', 'disconnected', 'connected', 'closed']);
    expect(client.stats().reconnects).toBe(1);
    await second.app.close();
  });
});

describe('an event that cannot be sent', () => {
  it('is refused when its frame would be too large', async () => {
    const client = new ZmqClient({ connect: 'tcp://127.0.0.1:1', maxFrameBytes: 100, drainTimeoutMs: 0 });
    await expect(lastValueFrom(client.emit('tick', 'x'.repeat(100)))).rejects.toBeInstanceOf(
      EventTooLargeError,
    );
    expect(client.stats()).toMatchObject({ accepted: 0, drops: { too_large: 1 } });
    await client.close();
  });

  it('fails at its own emit when it cannot be serialized, and harms no other', async () => {
    const tick = await startTickApp();
    const client = new ZmqClient({ connect: tick.address });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    client.emit('tick', { n: 1 });
    await expect(lastValueFrom(client.emit('tick', circular))).rejects.toMatchObject({
      code: 'ERR_ZMQ_SERIALIZATION',
    });
    client.emit('tick', { n: 2 });
    await until(() => tick.seen.length === 2);
    expect(client.stats().drops.serialization).toBe(1);
    await client.close();
    await tick.app.close();
  });

  it('is sent as it was when emitted, whatever becomes of the object afterwards', async () => {
    const tick = await startTickApp();
    const client = new ZmqClient({ connect: tick.address });
    const data = { n: 1 };
    client.emit('tick', data);
    data.n = 99;
    await until(() => tick.seen.length === 1);
    expect(tick.numbers()).toEqual([1]);
    await client.close();
    await tick.app.close();
  });

  it('is refused after close, until connect() opens the client again', async () => {
    const tick = await startTickApp();
    const client = new ZmqClient({ connect: tick.address });
    await client.close();
    await expect(lastValueFrom(client.emit('tick', { n: 1 }))).rejects.toBeInstanceOf(ClientClosedError);
    await client.connect();
    client.emit('tick', { n: 2 });
    await until(() => tick.seen.length === 1);
    expect(tick.numbers()).toEqual([2]);
    await client.close();
    await tick.app.close();
  });

  it('keeps its place when serializers are asynchronous', async () => {
    const tick = await startTickApp();
    const serializer = {
      serialize: async (packet: { data: { n: number } }) => {
        for (let turn = packet.data.n % 7; turn > 0; turn -= 1) {
          await Promise.resolve();
        }
        return packet;
      },
    };
    const client = new ZmqClient({ connect: tick.address, serializer });
    for (let n = 0; n < 100; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => tick.seen.length === 100);
    expect(tick.numbers()).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await client.close();
    await tick.app.close();
  });
});
