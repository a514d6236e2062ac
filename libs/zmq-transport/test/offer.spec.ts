import {
  type BatchSent,
  ClientClosedError,
  OutboxFullError,
  SerializationError,
  ZmqClient,
  type ZmqClientOptions,
  ZmqRecordBuilder,
} from '../src/index.js';
import { startTickApp, type TickApp } from './harness/tick-app.js';
import { until } from './harness/until.js';

describe('ZmqClient.offer', () => {
  let tick: TickApp;
  const clients: ZmqClient[] = [];

  const clientOf = (options: Partial<ZmqClientOptions> = {}): ZmqClient => {
    const client = new ZmqClient({ connect: tick.address, ...options });
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    tick = await startTickApp();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await tick.app.close();
  });

  it('brings events as emit does, in one order with those', async () => {
    const client = clientOf();
    expect(client.offer('tick', { n: 1 })).toBeUndefined();
    client.emit('tick', { n: 2 });
    client.offer('tick', { n: 3 });
    await until(() => tick.seen.length === 3);
    expect(tick.numbers()).toEqual([1, 2, 3]);
  });

  it('gives a promise of a stage that is not reached at once', async () => {
    const client = clientOf();
    await client.offer('tick', new ZmqRecordBuilder({ n: 1 }).setResolves('sent').build());
    expect(client.stats().sent).toBe(1);
  });

  it('throws what emit would fail with', async () => {
    const client = clientOf({ connect: 'tcp://127.0.0.1:1', outbox: { maxEvents: 1 }, drainTimeoutMs: 0 });
    client.offer('tick', { n: 1 });
    expect(() => client.offer('tick', { n: 2 })).toThrow(OutboxFullError);
    expect(() => client.offer('tick', undefined)).toThrow(TypeError);
    expect(() => client.offer(null, { n: 2 })).toThrow(TypeError);
    await client.close();
    expect(() => client.offer('tick', { n: 3 })).toThrow(ClientClosedError);
    expect(client.stats().drops).toMatchObject({ outbox_full: 1, closed: 1, drain_timeout: 1 });
  });

  it('lets a rejection go unheard', async () => {
    const unhandled: unknown[] = [];
    const hear = (error: unknown): unknown => unhandled.push(error);
    process.on('unhandledRejection', hear);
    try {
      const client = clientOf({ serializer: { serialize: () => Promise.reject(new Error('no')) } });
      client.offer('tick', { n: 1 });
      await expect(client.offer('tick', { n: 2 })).rejects.toThrow(SerializationError);
      await new Promise(setImmediate);
    } finally {
      process.off('unhandledRejection', hear);
    }
    expect(unhandled).toEqual([]);
  });

  it('has told onBatchSent of every event, and when it was accepted', async () => {
    const told: BatchSent[] = [];
    const startSeconds = Date.now() / 1000 - 1;
    const client = clientOf({ onBatchSent: (batch) => told.push(batch) });
    await client.connect();
    for (let n = 0; n < 1000; n += 1) client.offer('tick', { n });
    await until(() => client.stats().sent === 1000);
    expect(told.reduce((sum, { events }) => sum + events, 0)).toBe(1000);
    for (const { accepted, events, sentAtSeconds } of told) {
      expect(accepted.reduce((sum, group) => sum + group.events, 0)).toBe(events);
      for (const { atSeconds } of accepted) {
        expect(atSeconds).toBeGreaterThan(startSeconds);
        expect(atSeconds).toBeLessThanOrEqual(sentAtSeconds);
      }
    }
    // One look at the clock a turn of the event loop, not one an event.
    expect(told.flatMap(({ accepted }) => accepted).length).toBeLessThan(20);
  });
});
