import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Push } from 'zeromq';
import { ZmqClient } from '../src/index.js';
import { startTickApp, type TickApp } from './harness/tick-app.js';
import { until } from './harness/until.js';

const folder = mkdtempSync(join(tmpdir(), 'zmq-transport-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ['tcp', 'tcp://127.0.0.1:*'],
  ['ipc', `ipc://${join(folder, 'ticks.sock')}`],
  ['inproc', 'inproc://ticks'],
])('PUSH/PULL over %s', (transport, bind) => {
  let tick: TickApp;
  let client: ZmqClient;
  let round = 0;

  beforeEach(async () => {
    // libzmq frees an inproc name some time after its socket was closed.
    round += 1;
    tick = await startTickApp({ bind: transport === 'inproc' ? `${bind}-${round}` : bind }, ({ fail }) => {
      if (fail === true) {
        throw new Error('cannot handle this one');
      }
    });
    client = new ZmqClient({ connect: tick.address });
  });

  afterEach(async () => {
    await client.close();
    await tick.app.close();
  });

  it('brings an event to the handler of its pattern, with pattern and receive time in the context', async () => {
    client.emit('tick', { n: 1 });
    await until(() => tick.seen.length === 1);
    expect(tick.seen[0]?.data).toEqual({ n: 1 });
    expect(tick.seen[0]?.context.getPattern()).toBe('tick');
    expect(Math.abs((tick.seen[0]?.context.receivedAtSeconds ?? 0) - Date.now() / 1000)).toBeLessThan(5);
  });

  it('keeps order and loses nothing over 20,000 events, in far fewer messages than events', async () => {
    await client.connect();
    for (let n = 0; n < 20_000; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => tick.seen.length === 20_000);
    expect(tick.numbers()).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
    expect(tick.server.stats().received).toBe(20_000);
    expect(tick.server.stats().batches).toBeLessThan(1000);
    expect(client.stats()).toMatchObject({ accepted: 20_000, sent: 20_000, queuedEvents: 0, queuedBytes: 0 });
  });

  it('counts a failing handler and goes on', async () => {
    client.emit('tick', { n: 1, fail: true });
    client.emit('tick', { n: 2 });
    await until(() => tick.seen.length === 2 && tick.rejected.length === 1);
    expect(tick.rejected[0]).toMatchObject({
      reason: 'handler_failed',
      content: { pattern: 'tick', data: { n: 1, fail: true } },
    });
    expect(tick.server.isReceiving).toBe(true);
  });
});

describe('PUSH/PULL with addresses the other way round', () => {
  it('lets the sender bind and receivers connect', async () => {
    const client = new ZmqClient({ bind: `ipc://${join(folder, 'reverse.sock')}` });
    await client.connect();
    const tick = await startTickApp({ connect: `ipc://${join(folder, 'reverse.sock')}` });
    client.emit('tick', { n: 7 });
    await until(() => tick.seen.length === 1);
    expect(client.stats().peers).toBe(1);
    await client.close();
    await tick.app.close();
  });

  it('shares the load evenly among several receivers, also when events come one by one', async () => {
    const ticks = [await startTickApp(), await startTickApp(), await startTickApp()];
    const client = new ZmqClient({ connect: ticks.map(({ address }) => address) });
    await client.connect();
    await until(() => client.stats().peers === 3);
    for (let n = 0; n < 30; n += 1) {
      client.emit('tick', { n });
      await until(() => client.stats().sent === n + 1);
    }
    await until(() => ticks.reduce((sum, { seen }) => sum + seen.length, 0) === 30);
    expect(ticks.map(({ seen }) => seen.length)).toEqual([10, 10, 10]);
    await client.close();
    await Promise.all(ticks.map(({ app }) => app.close()));
  });
});

describe('a receiver that is sent garbage', () => {
  it('rejects each message with its reason, and handles the next good event', async () => {
    const tick = await startTickApp({ maxFrameBytes: 10_000, maxBatchEvents: 3 });
    const raw = new Push({ linger: 0 });
    raw.connect(tick.address);
    await raw.send('not json');
    await raw.send('{"pattern":"tick"');
    await raw.send('');
    await raw.send(Buffer.from([0xff, 0xfe, 0x00]));
    await raw.send(Array.from({ length: 100 }, () => 'x'));
    await raw.send('x'.repeat(10_001));
    await raw.send('[1,2,3,4]');
    await raw.send('{"pattern":"nobody","data":1}');
    await raw.send(`{"pattern":${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}}`);
    await raw.send('{"pattern":{"__proto__":{"polluted":true}},"data":1}');
    await raw.send('{"data":1}');
    await raw.send('null');
    await raw.send('[]');
    await raw.send('[1,{"pattern":"tick","data":{"n":1}},{}]');
    await until(() => tick.seen.length === 1);
    expect(tick.rejected.map(({ reason }) => reason)).toEqual([
      'malformed',
      'malformed',
      'malformed',
      'malformed',
      'frame_count',
      'oversize',
      'batch_size',
      'no_handler',
      'no_handler',
      'no_handler',
      'no_pattern',
      'no_pattern',
      'no_pattern',
      'no_pattern',
    ]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(tick.numbers()).toEqual([1]);
    raw.close();
    await tick.app.close();
  });

  it('drops the connection of a peer that announces more than maxMessageBytes, and serves the others', async () => {
    const tick = await startTickApp({ maxMessageBytes: 10_000 });
    const huge = new Push({ linger: 0, reconnectInterval: 60_000 });
    huge.connect(tick.address);
    await huge.send(Buffer.alloc(20_000));
    await until(() => tick.server.stats().disconnects === 1);
    const client = new ZmqClient({ connect: tick.address });
    client.emit('tick', { n: 1 });
    await until(() => tick.seen.length === 1);
    expect(tick.numbers()).toEqual([1]);
    huge.close();
    await client.close();
    await tick.app.close();
  });
});
