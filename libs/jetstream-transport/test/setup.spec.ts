import { Logger } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import {
  EventTooLargeError,
  InvalidOptionsError,
  OutboxFullError,
  UnsupportedOperationError,
  ZmqRecordBuilder,
} from '@app/transport-core';
import { BrokerUnfitError, BrokerUnreachableError, JetStreamClient, JetStreamServer } from '../src/index.js';
import { provePublish } from '../src/client/publish-window.js';
import { waitUntil } from '../../../testing/wait.js';
import { describeWith } from '../../../testing/installed.js';
import { NatsProgram, NatsServer, type NatsServerOptions } from '../../../testing/nats.js';
import { startServer, sumsTo, SILENT } from './harness/tally.js';

Logger.overrideLogger(SILENT);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function startBroker(options?: NatsServerOptions): Promise<NatsServer> {
  const broker = await NatsServer.start(options);
  closing.push(() => broker.dispose());
  return broker;
}

function clientOf(options: ConstructorParameters<typeof JetStreamClient>[0]): JetStreamClient {
  const client = new JetStreamClient(options);
  closing.push(() => client.close());
  return client;
}

/** What `listen` calls back with. */
function listening(server: JetStreamServer): Promise<unknown> {
  closing.push(() => server.close());
  return new Promise((resolve) => server.listen(resolve));
}

describe('an option that cannot be used', () => {
  it.each([
    [{ servers: [] }, /`servers` must name at least one server/],
    [{ servers: 'http://127.0.0.1:4222' }, /not the address of a NATS server/],
    [
      { servers: 'nats://user:secret@127.0.0.1:4222/path' },
      /nats:\/\/127\.0\.0\.1:4222\/path" is not the address/,
    ],
    [{ servers: 'nats://a', stream: { name: 'a.b' } }, /`stream.name` must have 1 to 64 letters/],
    [{ servers: 'nats://a', stream: { subjectPrefix: 'a.*' } }, /`stream.subjectPrefix` must be tokens/],
    [
      { servers: 'nats://a', stream: { partitions: 0 } },
      /`stream.partitions` must be a whole number ≥ 1 and ≤ 256/,
    ],
    [{ servers: 'nats://a', stream: { replicas: 2 as 1 } }, /`stream.replicas` must be 1, 3 or 5/],
    [{ servers: 'nats://a', connectTimeoutMs: 2 ** 31 }, /`connectTimeoutMs` must be a whole number/],
  ])('stops a client and a server: %j', (options, message) => {
    expect(() => new JetStreamClient(options)).toThrow(message);
    expect(() => new JetStreamServer(options)).toThrow(message);
    expect(() => new JetStreamServer(options)).toThrow(InvalidOptionsError);
  });

  it.each([
    [{ shard: { index: 0, count: 9 } }, /`shard.count` must be a whole number ≥ 1 and ≤ 8/],
    [{ shard: { index: 2, count: 2 } }, /`shard.index` must be a whole number ≥ 0 and ≤ 1/],
    [{ group: 'a b' }, /`group` must have/],
  ])('stops a server: %j', (options, message) => {
    expect(() => new JetStreamServer({ servers: 'nats://a', ...options })).toThrow(message);
  });

  it.each([
    [{ emitResolves: 'spooled' as const }, /`spooled` needs a spool/],
    [{ emitResolves: 'applied' as 'stored' }, /stage is one of accepted, spooled, stored/],
    [{ spool: { directory: '' } }, /`spool.directory` is missing/],
    [{ maxUnconfirmed: 0 }, /`maxUnconfirmed` must be a whole number ≥ 1 and ≤ 1024/],
    [{ overflow: 'x' as 'block' }, /`overflow` must be one of block, reject, drop-oldest/],
  ])('stops a client: %j', (options, message) => {
    expect(() => new JetStreamClient({ servers: 'nats://a', ...options })).toThrow(message);
  });
});

describe('a client whose broker is away', () => {
  it('keeps to its bounds, and says which one was reached', async () => {
    const client = clientOf({
      servers: 'nats://127.0.0.1:1',
      outbox: { maxEvents: 2 },
      maxFrameBytes: 100,
      drainTimeoutMs: 50,
    });
    expect(() => client.offer('e', 'x'.repeat(200))).toThrow(EventTooLargeError);
    client.offer('e', 1);
    client.offer('e', 2);
    expect(() => client.offer('e', 3)).toThrow(OutboxFullError);
    expect(client.stats()).toMatchObject({
      accepted: 2,
      queuedEvents: 2,
      drops: { too_large: 1, outbox_full: 1 },
    });
    expect(await client.close()).toEqual({ queued: 2, delivered: 0, dropped: 2, kept: 0 });
    expect(client.stats().drops.drain_timeout).toBe(2);
  });

  it('connect() says so, and who asked for stored events is told when it closes', async () => {
    const client = clientOf({ servers: 'nats://127.0.0.1:1', connectTimeoutMs: 500, drainTimeoutMs: 50 });
    const stored = client.offer('e', new ZmqRecordBuilder(1).setResolves('stored').build());
    await expect(client.connect()).rejects.toThrow(BrokerUnreachableError);
    await client.close();
    await expect(stored).rejects.toThrow('the client closed before the broker confirmed the event');
  });

  it('does not know when a handler has ended, nor how to answer', async () => {
    const client = clientOf({ servers: 'nats://127.0.0.1:1', drainTimeoutMs: 50, connectTimeoutMs: 500 });
    expect(() => client.offer('e', new ZmqRecordBuilder(1).setResolves('applied').build())).toThrow(
      UnsupportedOperationError,
    );
  });
});

describeWith('nats-server', 'a broker', () => {
  it('without JetStream stops the start with one clear line', async () => {
    const broker = await startBroker({ jetstream: false });
    const server = new JetStreamServer({ servers: broker.url, connectTimeoutMs: 1000 });
    expect(await listening(server)).toMatchObject({
      code: 'ERR_JETSTREAM_UNFIT',
      message: expect.stringMatching(/no JetStream: start it with -js, or enable it for the account/),
      option: 'servers',
    });
    expect(server.isReceiving).toBe(false);
    const client = clientOf({ servers: broker.url, connectTimeoutMs: 1000 });
    await expect(client.connect()).rejects.toThrow(BrokerUnfitError);
  });

  it('that denies the credentials stops the start, and hides them', async () => {
    const broker = await startBroker({ user: { name: 'desk', password: 'right' } });
    const wrong = broker.url.replace('//', '//desk:wrong@');
    const failure = (await listening(new JetStreamServer({ servers: wrong }))) as Error;
    expect(failure).toBeInstanceOf(BrokerUnfitError);
    expect(failure).toMatchObject({ option: 'credentials' });
    expect(failure.message).toMatch(/the broker denies the credentials/);
    expect(String(failure.stack)).not.toContain('wrong@');
    const client = clientOf({ servers: broker.url.replace('//', '//desk:right@') });
    await client.connect();
    expect(client.linkState).toBe('connected');
  });

  it('that denies JetStream stops the start, in the same words at each try', async () => {
    const broker = await startBroker({
      lines: [
        'authorization: { users: [{ user: desk, password: right, permissions: { subscribe: "other" } }] }',
      ],
    });
    const client = clientOf({ servers: broker.url.replace('//', '//desk:right@') });
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(client.check()).rejects.toMatchObject({
        code: 'ERR_JETSTREAM_UNFIT',
        option: 'credentials',
        message: expect.stringMatching(/denies JetStream to these credentials: .*"_INBOX\.>"/),
      });
    }
  });

  it.each([
    [
      '"$JS.API.>", "$JS.ACK.>"',
      /denies JetStream to these credentials: .*Publish to "\$KV\.EVENTS-sidecar\.writable"/,
    ],
    [
      '"$JS.API.INFO", "$JS.API.STREAM.>", "$JS.API.DIRECT.>", "$JS.API.CONSUMER.CREATE.>", "$JS.API.CONSUMER.DURABLE.>", "$KV.>"',
      /denies JetStream to these credentials: .*Publish to "\$JS\.API\.CONSUMER\.MSG\.NEXT\.EVENTS\.sidecar-proof/,
    ],
    [
      '"$JS.API.>", "$KV.>"',
      /denies JetStream to these credentials: .*Publish to "\$JS\.ACK\.EVENTS\.sidecar-proof/,
    ],
  ])(
    'that denies a server a right stops its start once, and names the right: %s',
    async (rights, message) => {
      const lines: string[] = [];
      const note = (line: string) => lines.push(line);
      Logger.overrideLogger({ ...SILENT, log: note, warn: note });
      closing.push(() => Promise.resolve(Logger.overrideLogger(SILENT)));
      const permissions = `{ publish: [${rights}], subscribe: "_INBOX.>" }`;
      const broker = await startBroker({
        lines: [`authorization: { users: [{ user: desk, password: right, permissions: ${permissions} }] }`],
      });
      const server = new JetStreamServer({ servers: broker.url.replace('//', '//desk:right@') });
      expect(await listening(server)).toMatchObject({
        code: 'ERR_JETSTREAM_UNFIT',
        option: 'credentials',
        message: expect.stringMatching(message),
      });
      expect(lines.filter((line) => line.includes('trying again'))).toEqual([]);
    },
  );

  it('that denies a client its subjects stops its start, and names them', async () => {
    const permissions = '{ publish: ["$JS.API.>"], subscribe: "_INBOX.>" }';
    const broker = await startBroker({
      lines: [`authorization: { users: [{ user: desk, password: right, permissions: ${permissions} }] }`],
    });
    await expect(
      clientOf({ servers: broker.url.replace('//', '//desk:right@') }).check(),
    ).rejects.toMatchObject({
      option: 'credentials',
      message: expect.stringMatching(/Publish to "events\.0"/),
    });
  });

  it('whose stream takes messages a moment later is waited for, and never counts as one without JetStream', async () => {
    const broker = await startBroker();
    const connection = await connect({ servers: broker.url });
    closing.push(() => connection.close());
    const manager = await jetstreamManager(connection);
    const session = { connection, jetstream: jetstream(connection), manager, streamCreated: '' };
    await expect(provePublish(session, 'events.0')).rejects.toMatchObject({
      code: 'ERR_JETSTREAM_UNREACHABLE',
      message: 'the stream does not take events.0 yet',
    });
    const proving = provePublish(session, 'events.0');
    await manager.streams.add({ name: 'EVENTS', subjects: ['events.*'] });
    await expect(proving).resolves.toBeUndefined();
  });

  it('that has no JetStream for the account stops the start, and says so', async () => {
    const broker = await startBroker({
      lines: [
        'accounts: { A: { jetstream: enabled, users: [{ user: a, password: a }] }, B: { users: [{ user: b, password: b }] } }',
      ],
    });
    const server = new JetStreamServer({ servers: broker.url.replace('//', '//b:b@') });
    expect(await listening(server)).toMatchObject({
      option: 'servers',
      message: expect.stringMatching(/or enable it for the account of this user/),
    });
  });

  it('takes nothing that no partition would handle; a server adds partitions, a client must wait for it', async () => {
    const broker = await startBroker();
    const of = (partitions: number) => ({ servers: broker.url, stream: { partitions } });
    expect(await listening(new JetStreamServer(of(2)))).toBeUndefined();
    const program = await NatsProgram.connect(broker.url);
    closing.push(() => program.close());
    for (const subject of ['events.foo', 'events.2', 'events.256'])
      await expect(program.publish(subject, { pattern: 'number', data: { n: 1 } })).rejects.toThrow(
        /responders/,
      );
    await expect(clientOf(of(4)).check()).rejects.toMatchObject({
      option: 'partitions',
      message: expect.stringMatching(
        /it lacks events.2, events.3: raise the partitions of the servers first/,
      ),
    });
    expect(await listening(new JetStreamServer(of(4)))).toBeUndefined();
    await clientOf(of(4)).check();
    await program.publish('events.3', { pattern: 'number', data: { n: 1 } });
  });

  it('whose stream does not fit says what does not', async () => {
    const broker = await startBroker();
    const connection = await connect({ servers: broker.url });
    closing.push(() => connection.close());
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'EVENTS', subjects: ['other.*'] });
    await manager.streams.add({ name: 'QUEUE', subjects: ['queue.*'], retention: 'workqueue' });
    const failureOf = async (name: string): Promise<string> =>
      ((await listening(new JetStreamServer({ servers: broker.url, stream: { name } }))) as Error).message;
    expect(await failureOf('EVENTS')).toEqual(
      expect.stringMatching(/^the stream EVENTS does not fit: its subjects are other\.\*, not events\.0, /),
    );
    expect(await failureOf('QUEUE')).toMatch(/its retention is workqueue, not limits/);
    const copied = clientOf({ servers: broker.url, stream: { name: 'COPIED', replicas: 3 } });
    await expect(copied.check()).rejects.toMatchObject({ code: 'ERR_JETSTREAM_UNFIT', option: 'replicas' });
  });

  it('that stores events in partitions that no server handles is not served, and says how to mend it', async () => {
    const broker = await startBroker();
    const client = clientOf({ servers: broker.url, stream: { partitions: 4 } });
    for (let n = 1; n <= 40; n += 1) {
      await lastValueFrom(client.emit('number', { n }), { defaultValue: undefined });
      await waitUntil('the event is stored', () => client.stats().stored === n);
    }
    const tooFew = new JetStreamServer({ servers: broker.url, stream: { partitions: 2 } });
    expect(await listening(tooFew)).toMatchObject({
      code: 'ERR_JETSTREAM_UNFIT',
      option: 'partitions',
      message: expect.stringMatching(/partitions 2, 3, which no server of 2 partitions handles/),
    });
    const more = new JetStreamServer({ servers: broker.url, stream: { partitions: 8 } });
    expect(await listening(more)).toBeUndefined();
  });

  it('that gets an event beyond the partitions does not stop a server that handles its own', async () => {
    const lines: string[] = [];
    Logger.overrideLogger({
      ...SILENT,
      log: (line: string) => lines.push(line),
      warn: (line: string) => lines.push(line),
    });
    closing.push(() => Promise.resolve(Logger.overrideLogger(SILENT)));
    const broker = await startBroker();
    const server = new JetStreamServer({ servers: broker.url, stream: { partitions: 2 } });
    expect(await listening(server)).toBeUndefined();
    await waitUntil('the partitions', () => server.isReceiving);
    const program = await NatsProgram.connect(broker.url);
    const manager = await jetstreamManager(program.connection);
    await manager.streams.update('EVENTS', { subjects: ['events.*'] });
    await program.publish('events.200', { pattern: 'number', data: { n: 1 } });
    await program.close();
    await broker.stop();
    await broker.start();
    await waitUntil('the broker again', () => server.stats().reconnects === 1);
    await waitUntil('the partitions again', () => server.isReceiving);
    expect(lines.slice(1)).toEqual([
      'the broker is away: nothing is handled until it is back',
      expect.stringMatching(/^the stream EVENTS has events in the partitions 200, which no server/),
      'the broker is back',
    ]);
  });

  it('that comes later is found by a server that has been listening', async () => {
    const broker = await startBroker();
    await broker.stop();
    const { server, tally, close } = await startServer({ servers: broker.url, connectTimeoutMs: 200 });
    closing.push(close);
    expect(server.isReceiving).toBe(false);
    const client = clientOf({ servers: broker.url });
    for (let n = 1; n <= 10; n += 1) client.offer('number', { n });
    await broker.start();
    await waitUntil('all events', () => tally.total.count === 10);
    expect(tally.total).toEqual(sumsTo(10));
  });

  it('that answers nothing any more is away, until it answers again', async () => {
    const broker = await startBroker();
    const client = clientOf({ servers: broker.url, connectTimeoutMs: 200 });
    await client.connect();
    broker.freeze();
    await waitUntil('the client to notice', () => client.linkState === 'disconnected');
    broker.thaw();
    await waitUntil('the broker again', () => client.linkState === 'connected');
    expect(await client.ping()).toBeGreaterThan(0);
  });

  it('that takes no message as large gets the rest', async () => {
    const broker = await startBroker({ maxPayload: 2000 });
    const { tally, close } = await startServer({ servers: broker.url });
    closing.push(close);
    const client = clientOf({ servers: broker.url, emitResolves: 'stored', maxBatchEvents: 1 });
    const stored = [1, 2].map((n) => client.offer('number', { n }));
    const large = client.offer('number', { n: 3, text: 'x'.repeat(5000) });
    const last = client.offer('number', { n: 3 });
    await Promise.all([...stored, last]);
    await expect(large).rejects.toThrow(/the broker does not take messages this large/);
    await waitUntil('the others', () => tally.total.count === 3);
    expect(client.stats()).toMatchObject({ stored: 3, failed: 1, queuedEvents: 0 });
  });

  it('gets full messages that it takes, with their headers', async () => {
    const broker = await startBroker();
    await broker.stop();
    const client = clientOf({ servers: broker.url });
    // 64 of them are 63 bytes less than 1 MiB.
    const text = 'x'.repeat((1024 ** 2 - 65 - 63) / 64 - JSON.stringify({ pattern: 'e', data: '' }).length);
    for (let n = 1; n <= 65; n += 1) client.offer('e', text);
    await broker.start();
    await waitUntil('the confirmations', () => client.stats().queuedEvents === 0);
    expect(client.stats()).toMatchObject({ stored: 65, failed: 0, batches: 2 });
  });

  it('that answers while the client closes does not keep it from ending', async () => {
    const broker = await startBroker();
    const client = new JetStreamClient({ servers: broker.url });
    const { broker: link } = client as unknown as {
      broker: { sessionOf(connection: unknown): Promise<unknown> };
    };
    const sessionOf = link.sessionOf.bind(link);
    const closed = new Promise((resolve) => {
      link.sessionOf = async (connection) => {
        const found = await sessionOf(connection);
        resolve(client.close());
        // Until the close waits for this connection to end.
        await new Promise(setImmediate);
        return found;
      };
    });
    await client.open();
    expect(await closed).toEqual({ queued: 0, delivered: 0, dropped: 0, kept: 0 });
  });

  it('carries events, and no requests', async () => {
    const broker = await startBroker();
    const client = clientOf({ servers: broker.url });
    await expect(lastValueFrom(client.send('number', { n: 1 }))).rejects.toThrow(UnsupportedOperationError);
  });
});
