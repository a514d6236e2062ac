import { Publisher } from 'zeromq';
import { ZmqClient } from '../src/index.js';
import { startTickApp } from './harness/tick-app.js';
import { until } from './harness/until.js';

describe('PUB/SUB', () => {
  it('brings each event to every subscriber', async () => {
    const client = new ZmqClient({ pair: 'pub-sub', bind: 'ipc:///tmp/zmq-transport-pub.sock' });
    await client.open();
    const ticks = await Promise.all(
      [1, 2, 3].map(() => startTickApp({ pair: 'pub-sub', connect: 'ipc:///tmp/zmq-transport-pub.sock' })),
    );
    await until(() => client.linkState === 'connected' && client.stats().peers === 3);
    for (let n = 0; n < 5000; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => ticks.every(({ seen }) => seen.length === 5000));
    expect(ticks.map(({ server }) => server.stats().missed)).toEqual([0, 0, 0]);
    await client.close();
    await Promise.all(ticks.map(({ app }) => app.close()));
  });

  it('lets subscribers bind and the publisher connect', async () => {
    const tick = await startTickApp({ pair: 'pub-sub' });
    const client = new ZmqClient({ pair: 'pub-sub', connect: tick.address });
    await client.open();
    await until(() => client.linkState === 'connected');
    client.emit('tick', { n: 1 });
    await until(() => tick.seen.length === 1);
    expect(tick.numbers()).toEqual([1]);
    await client.close();
    await tick.app.close();
  });

  it('drops what nobody subscribed to at once, and counts it', async () => {
    const tick = await startTickApp({ pair: 'pub-sub' });
    const client = new ZmqClient({ pair: 'pub-sub', connect: tick.address });
    client.emit('tick', { n: 1 });
    expect(client.stats()).toMatchObject({ accepted: 1, queuedEvents: 0, drops: { no_subscriber: 1 } });
    await until(() => client.linkState === 'connected');
    client.emit('other', { n: 2 });
    client.emit('ticker', { n: 3 });
    client.emit('tick', { n: 4 });
    await until(() => tick.seen.length === 1);
    expect(tick.numbers()).toEqual([4]);
    expect(client.stats()).toMatchObject({ queuedEvents: 0, drops: { no_subscriber: 2 } });
    expect(tick.rejected).toEqual([]);
    await client.close();
    await tick.app.close();
  });

  it('counts what is published while its subscriber is away, and brings none of it later', async () => {
    const first = await startTickApp({ pair: 'pub-sub' });
    const client = new ZmqClient({ pair: 'pub-sub', connect: first.address });
    await client.open();
    await until(() => client.linkState === 'connected');
    await first.app.close();
    await until(() => client.linkState !== 'connected');
    for (let n = 0; n < 500; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => client.stats().drops.no_subscriber === 500);
    const second = await startTickApp({ pair: 'pub-sub', bind: first.address });
    await until(() => client.linkState === 'connected');
    client.emit('tick', { n: 1000 });
    await until(() => second.seen.length > 0);
    expect(second.numbers()).toEqual([1000]);
    expect(client.stats()).toMatchObject({ queuedEvents: 0, drops: { no_subscriber: 500 } });
    await client.close();
    await second.app.close();
  });

  it('counts at the subscriber what it missed', async () => {
    const tick = await startTickApp({ pair: 'pub-sub' });
    const publisher = new Publisher({ linger: 0 });
    publisher.connect(tick.address);
    const send = (first: number, n: number) => {
      const header = Buffer.alloc(16, 7);
      header.writeBigUInt64BE(BigInt(first), 8);
      return publisher.send(['tick', header, JSON.stringify({ pattern: 'tick', data: { n } })]);
    };
    await until(async () => {
      await send(10, 0);
      return tick.seen.length > 0;
    });
    await send(15, 1);
    await until(() => tick.numbers().includes(1));
    expect(tick.server.stats().missed).toBe(4);
    publisher.close();
    await tick.app.close();
  });
});
