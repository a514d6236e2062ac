import { Logger } from '@nestjs/common';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { firstValueFrom } from 'rxjs';
import type { RejectedMessage } from '@app/transport-core';
import { type BatchSent, BrokerUnreachableError, JetStreamClient } from '../src/index.js';
import { waitUntil } from '../../../testing/wait.js';
import { describeWith } from '../../../testing/installed.js';
import { NatsProgram, NatsServer } from '../../../testing/nats.js';
import { brokerPerTest } from './harness/broker-per-test.js';
import { counted, emitTo, startServer, sumsTo, SILENT } from './harness/tally.js';

Logger.overrideLogger(SILENT);
describeWith('nats-server', 'JetStream', () => {
  const at = brokerPerTest();
  const { client, closing, server } = at;

  it('counts every event of a client once, over all partitions', async () => {
    const counting = await server();
    const sending = client();
    emitTo(sending, 1, 5000);
    expect(await counted([counting], 5000)).toEqual(sumsTo(5000));
    await waitUntil('confirmations', () => sending.stats().queuedEvents === 0);
    expect(sending.stats()).toMatchObject({ accepted: 5000, stored: 5000, duplicates: 0, unconfirmed: 0 });
    const { partitions, received } = counting.server.stats();
    expect(received).toBe(5000);
    expect(partitions.map(({ isOwned, pending }) => ({ isOwned, pending }))).toEqual(
      Array.from({ length: 3 }, () => ({ isOwned: true, pending: 0 })),
    );
    expect(partitions.every(({ position }) => position > 0)).toBe(true);
  });

  it('messages that keep coming share commits', async () => {
    const one = { stream: { partitions: 1 } };
    const counting = await server(one);
    const connection = await connect({ servers: at.broker.url });
    closing.push(() => connection.close());
    const beganMs = performance.now();
    for (let n = 1; n <= 1000; n += 1) {
      connection.publish('events.0', JSON.stringify({ pattern: 'number', data: { n } }));
      await connection.flush();
    }
    expect(await counted([counting], 1000)).toEqual(sumsTo(1000));
    const [{ commits } = { commits: Number.NaN }] = counting.server.stats().partitions;
    // One every 10 ms, and one whenever half of what may be uncommitted (256 messages) waits.
    expect(commits).toBeLessThanOrEqual((performance.now() - beganMs) / 10 + 1000 / 128 + 1);
  });

  it('a backlog of large messages does not make the broker drop a slow consumer, nor does reading it again', async () => {
    const strict = await NatsServer.start({ lines: ['max_pending: 16777216'] });
    closing.push(() => strict.dispose());
    await client({ servers: strict.url }).connect();
    const program = await NatsProgram.connect(strict.url);
    closing.push(() => program.close());
    const text = 'x'.repeat(900_000);
    for (let n = 1; n <= 60; n += 1)
      await program.publish(`events.${n % 3}`, { pattern: 'number', data: { n, text } });
    const first = await server({ servers: strict.url });
    expect(await counted([first], 60)).toEqual(sumsTo(60));
    expect(first.server.stats()).toMatchObject({ disconnects: 0, received: 60 });
    await first.close();

    const second = await server({ servers: strict.url, refillMs: 60_000 });
    await waitUntil('the refill', () => second.tally.refilledPartitions.length === 3);
    expect(second.tally.seenAgain).toHaveLength(60);
    expect(second.server.stats().disconnects).toBe(0);
  });

  it('a message that is larger than what a partition fetches ahead is handled in its turn', async () => {
    const counting = await server({ stream: { partitions: 200 }, shard: { index: 0, count: 1 } });
    const program = await NatsProgram.connect(at.broker.url);
    closing.push(() => program.close());
    for (let n = 1; n <= 5; n += 1) {
      const text = 'x'.repeat(n % 2 === 0 ? 900_000 : 1);
      await program.publish('events.7', { pattern: 'number', data: { n, text } });
    }
    expect(await counted([counting], 5)).toEqual(sumsTo(5));
    expect(counting.server.stats().partitions[7]).toMatchObject({ restarts: 0, pending: 0, lagSeconds: 0 });
  });

  it('what emit gives completes when the broker has stored the event', async () => {
    const sending = client({ emitResolves: 'stored' });
    await firstValueFrom(sending.emit('number', { n: 1 }), { defaultValue: 'completed' });
    expect(sending.stats()).toMatchObject({ stored: 1, queuedEvents: 0 });
  });

  it('deliver follows an event by its name until the broker has stored it', async () => {
    await at.broker.stop();
    const sent: BatchSent[] = [];
    const sending = client({ onBatchSent: (batch) => sent.push(batch) });
    await expect(sending.ping()).rejects.toThrow(BrokerUnreachableError);
    await sending.open();
    const [first, second] = await Promise.all([
      sending.deliver('number', { n: 1 }),
      sending.deliver('number', { n: 2 }),
    ]);
    expect(first.id).toMatch(/^[0-9a-f]{16}-1$/);
    expect(second.id).toBe(first.id.replace(/1$/, '2'));
    await Promise.all([first.spooled, second.spooled]);
    expect(sending.stats()).toMatchObject({ stored: 0, queuedEvents: 2, batches: 0 });
    await at.broker.start();
    await Promise.all([first.stored, second.stored]);
    expect(sending.stats()).toMatchObject({ stored: 2, queuedEvents: 0, batches: 1 });
    expect(sending.stats().publishedBytes).toBeGreaterThan(0);
    expect(sent).toMatchObject([{ events: 2, accepted: [{ events: 2 }] }]);
    expect(await sending.ping()).toBeGreaterThan(0);
  });

  it('events wait while the broker is away, and are counted once when it is back', async () => {
    const counting = await server();
    const sending = client();
    emitTo(sending, 1, 100);
    expect(await counted([counting], 100)).toEqual(sumsTo(100));
    await at.broker.stop('SIGKILL');
    emitTo(sending, 101, 300);
    await waitUntil('the client to notice', () => sending.linkState === 'disconnected');
    expect(sending.stats().queuedEvents).toBeGreaterThan(0);
    await waitUntil('the server to notice', () => !counting.server.isReceiving);
    await at.broker.start();
    expect(await counted([counting], 300)).toEqual(sumsTo(300));
    await waitUntil('confirmations', () => sending.stats().queuedEvents === 0);
    await waitUntil('the server', () => counting.server.isReceiving);
  });

  it('a server that starts later begins where the one before it had committed', async () => {
    const sending = client();
    const before = await startServer({ servers: at.broker.url, stream: { partitions: 3 } });
    emitTo(sending, 1, 1000);
    expect(await counted([before], 1000)).toEqual(sumsTo(1000));
    await before.close();
    emitTo(sending, 1001, 1500);
    expect(await counted([await server({ refillMs: 60_000 })], 1500)).toEqual(sumsTo(1500));
  });

  it('stores a message for a server once for an id, and not while the broker is away', async () => {
    const counting = await server();
    const message = '{"pattern":"number","data":{"n":1}}';
    for (let times = 0; times < 3; times += 1) await counting.server.store(1, message, 'mine');
    emitTo(client(), 2, 5);
    expect(await counted([counting], 5)).toEqual(sumsTo(5));
    await at.broker.stop();
    await waitUntil('the server to notice', () => !counting.server.isReceiving);
    await expect(counting.server.store(1, message, 'other')).rejects.toThrow('the broker is away');
  });

  it('servers share the partitions by their shards, and another count of shards loses and doubles nothing', async () => {
    const sending = client({ maxBatchEvents: 100 });
    const three = await Promise.all(
      [0, 1, 2].map((index) =>
        startServer({ servers: at.broker.url, stream: { partitions: 3 }, shard: { index, count: 3 } }),
      ),
    );
    emitTo(sending, 1, 2000);
    expect(await counted(three, 2000)).toEqual(sumsTo(2000));
    expect(three.map(({ tally }) => tally.total.count > 0)).toEqual([true, true, true]);
    await Promise.all(three.map((one) => one.close()));
    emitTo(sending, 2001, 2500);
    const two = await Promise.all([0, 1].map((index) => server({ shard: { index, count: 2 } })));
    expect(await counted(two, 2500)).toEqual(sumsTo(2500));
  });

  it('a server whose partitions were taken over counts nothing more, and says who has them', async () => {
    const sending = client();
    const zombie = await server();
    emitTo(sending, 1, 500);
    expect(await counted([zombie], 500)).toEqual(sumsTo(500));
    const successor = await server();
    emitTo(sending, 501, 1000);
    expect(await counted([successor], 1000)).toEqual(sumsTo(1000));
    await waitUntil('the zombie to notice', () =>
      zombie.server
        .stats()
        .partitions.every(({ isOwned, otherOwner }) => !isOwned && otherOwner !== undefined),
    );
    expect(zombie.server.isReceiving).toBe(false);
    expect(zombie.tally.total.count).toBe(0);
    await waitUntil('the successor', () => successor.server.isReceiving);
  });

  it('what cannot be read, is nobody’s or is rejected has its reason, and never comes again', async () => {
    const rejected: RejectedMessage[] = [];
    const counting = await server({
      onRejected: (it) => rejected.push(it),
      maxFrameBytes: 200,
      maxBatchEvents: 3,
    });
    const foreign = client();
    await foreign.connect();
    const connection = foreign.unwrap();
    const send = async (payload: string): Promise<void> => {
      await connection.request('events.1', payload);
    };
    await send('{"pattern":"number","data":{"n":1}}');
    await send('[{"pattern":"number","data":{"n":2}},{"pattern":"number","data":{"n":"x"}}]');
    await send('not JSON');
    await send(JSON.stringify('x'.repeat(300)));
    await send('[1,2,3,4]');
    await send('{"pattern":"else","data":1}');
    await send('{"data":1}');
    expect(await counted([counting], 2)).toEqual(sumsTo(2));
    await waitUntil('all rejections', () => rejected.length === 6);
    expect(rejected.map(({ reason }) => reason).sort()).toEqual([
      'batch_size',
      'handler_failed',
      'malformed',
      'no_handler',
      'no_pattern',
      'oversize',
    ]);
    await waitUntil('the last commit', () => counting.server.stats().partitions[1]?.pending === 0);
    await counting.close();
    const again: RejectedMessage[] = [];
    const later = await server({ onRejected: (it) => again.push(it) });
    foreign.offer('number', { n: 3 });
    expect(await counted([later], 3)).toEqual(sumsTo(3));
    expect(again).toEqual([]);
  });

  it('events wait while the stream does not fit, and are stored once it does', async () => {
    const sending = client({ confirmTimeoutMs: 500 });
    await sending.connect();
    const { jetstreamManager } = await import('@nats-io/jetstream');
    const manager = await jetstreamManager(sending.unwrap());
    await manager.streams.delete('EVENTS');
    await manager.streams.add({ name: 'EVENTS', subjects: ['other.*'] });
    emitTo(sending, 1, 10);
    await waitUntil('the refusal', () => sending.linkState === 'refused');
    expect(sending.stats().refusal).toMatch(/its subjects are other\.\*, not events\.0, /);
    await manager.streams.delete('EVENTS');
    await waitUntil('confirmations', () => sending.stats().queuedEvents === 0);
    expect(sending.stats()).toMatchObject({ state: 'connected', stored: 10 });
  });

  describe('a spool', () => {
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'jetstream-spool-'));
      const made = directory;
      // Last of all: whoever uses it is closed before.
      closing.push(async () => rmSync(made, { recursive: true, force: true }));
    });

    it('keeps what the broker did not confirm for the next process', async () => {
      const stream = { partitions: 3 };
      const options = { servers: at.broker.url, stream, spool: { directory }, drainTimeoutMs: 100 };
      await at.broker.stop();
      const before = new JetStreamClient(options);
      await before.open();
      await Promise.all(Array.from({ length: 50 }, (_, index) => before.offer('number', { n: index + 1 })));
      expect(await before.close()).toEqual({ queued: 50, delivered: 0, dropped: 0, kept: 50 });
      await at.broker.start();
      const after = client(options);
      await after.open();
      expect(await counted([await server()], 50)).toEqual(sumsTo(50));
      await waitUntil('confirmations', () => after.stats().queuedEvents === 0);
    });

    it('is not stored twice where the broker has forgotten that it has it', async () => {
      const stream = { partitions: 3, duplicateWindowMs: 100 };
      const counting = await server({ stream });
      const before = new JetStreamClient({ servers: at.broker.url, stream, spool: { directory } });
      await before.connect();
      // The confirmations of these are never heard of: the process dies.
      emitTo(before, 1, 100);
      const {
        broker: connection,
        spool,
        window,
      } = before as unknown as {
        broker: { close(): Promise<void> };
        spool: { release(sequence: number): void; close(): Promise<void> };
        window: { close(): void };
      };
      spool.release = () => undefined;
      expect(await counted([counting], 100)).toEqual(sumsTo(100));
      window.close();
      await spool.close();
      await connection.close();
      // What was published before this is forgotten before it.
      const probe = client({ stream });
      await probe.connect();
      const { jetstream } = await import('@nats-io/jetstream');
      const isForgotten = async (): Promise<boolean> => {
        const payload = '{"pattern":"none","data":1}';
        return !(await jetstream(probe.unwrap()).publish('events.0', payload, { msgID: 'probe' })).duplicate;
      };
      expect(await isForgotten()).toBe(true);
      await waitUntil('the broker to forget', isForgotten);
      const after = client({ stream, spool: { directory } });
      await after.open();
      await waitUntil(
        'confirmations',
        () => after.stats().queuedEvents === 0 && after.linkState === 'connected',
      );
      after.offer('number', { n: 101 });
      expect(await counted([counting], 101)).toEqual(sumsTo(101));
    });
  });
});
