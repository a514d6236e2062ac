/** What cannot go on says so: by a state, an error or a log line, and never by silence. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Logger } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { open } from 'lmdb';
import { Dealer, Router } from 'zeromq';
import { encodeMeta } from '../../../transport-core/src/spool/lmdb-store.js';
import { temporaryFolder } from '../../../transport-core/test/spool/harness/spools.js';
import { SpoolUnusableError, ZmqClient, type ZmqClientOptions } from '../../src/index.js';
import { HELLO, kindFrame, READY, REFUSED } from '../../src/wire/frames.js';
import { KeptLog } from '../harness/secured.js';
import { ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { until } from '../harness/until.js';
import { PeerProcess, tickClient } from './harness/peer-process.js';

const seen: number[] = [];
beforeEach(() => (seen.length = 0));

@Controller()
class TickController {
  @EventPattern<string>('tick')
  onTick(@Payload() { n }: { n: number }): void {
    seen.push(n);
  }
}

const FAST = { reconnectIntervalMs: 10, reconnectMaxIntervalMs: 50, drainTimeoutMs: 100, lingerMs: 0 };
const NAMED = { ...FAST, delivery: { mode: 'acknowledged', producerId: 'desk' } } as const;

const scope = new ServiceScope();
afterEach(() => scope.dispose());
const start = (): ReturnType<ServiceScope['start']> =>
  scope.start({
    wiring: TCP_DEALER_ROUTER,
    controllers: [TickController],
    server: { heartbeatIntervalMs: 50 },
  });

describe('a producer id', () => {
  const clients: ZmqClient[] = [];
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

  async function dial(address: string): Promise<ZmqClient> {
    const client = new ZmqClient({ pair: 'dealer-router', connect: address, ...NAMED });
    clients.push(client);
    await client.open();
    return client;
  }

  it('that another instance has is refused to all who come, and free as soon as that one is gone', async () => {
    const service = await start();
    const first = await service.connect(NAMED);
    first.emit('tick', { n: 1 });
    await until(() => seen.length === 1);
    // Both at once: each of them has to hear of it.
    const others = await Promise.all([dial(service.address), dial(service.address)]);
    await until(() => others.every(({ linkState }) => linkState === 'refused'));
    others.forEach((other, n) => other.emit('tick', { n: 2 + n }));
    expect(first.linkState).toBe('connected');
    await first.close();
    await until(() => seen.length === 2);
    // Both were welcome while neither had delivered: the id belongs to the one whose batch was taken.
    await until(() => others.filter(({ linkState }) => linkState === 'connected').length === 1);
  });

  it('is taken over from an instance that was killed', async () => {
    const service = await start();
    const options = { pair: 'dealer-router', connect: service.address, ...NAMED };
    const first = new PeerProcess(tickClient(options));
    await until(() => seen.length > 0);
    const second = await dial(service.address);
    await until(() => second.linkState === 'refused');
    await first.kill();
    await until(() => second.linkState === 'connected');
    second.emit('tick', { n: -1 });
    await until(() => seen.includes(-1));
    expect(second.linkState).toBe('connected');
  });

  it('that is refused is told by a line in the log of the server', async () => {
    const log = new KeptLog();
    const service = await start();
    Logger.overrideLogger(log);
    const first = await service.connect(NAMED);
    // An id belongs to who delivers under it.
    first.emit('tick', { n: 1 });
    await until(() => seen.length === 1);
    const second = await dial(service.address);
    await until(() => second.linkState === 'refused');
    Logger.overrideLogger(false);
    expect(log.lines).toContain('another instance of producer "desk" is connected');
  });
});

describe('a client of version 1', () => {
  it('is told which version is spoken here', async () => {
    const service = await start();
    const old = new Dealer({ linger: 0 });
    old.connect(service.address);
    await old.send([kindFrame(HELLO), '{"version":1}']);
    const [kind, answer] = await old.receive();
    expect(kind?.[0]).toBe(REFUSED);
    expect(JSON.parse(String(answer))).toMatchObject({ version: 2, code: 'version' });
    expect(service.rejected).toEqual([]);
    old.close();
  });
});

describe('a client whose server claims to have what was never sent', () => {
  it('is refused, and lets go of nothing', async () => {
    const router = new Router({ linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    const client = new ZmqClient({
      pair: 'dealer-router',
      connect: router.lastEndpoint ?? '',
      ...FAST,
      delivery: { mode: 'acknowledged' },
    });
    await client.open();
    const [peer = Buffer.alloc(0)] = await router.receive();
    client.emit('tick', { n: 1 });
    const grant = {
      session: 'ab'.repeat(8),
      acked: 2 ** 53 - 1,
      received: 2 ** 53 - 1,
      window: 1,
      windowBytes: 1,
    };
    await router.send([peer, kindFrame(READY), JSON.stringify({ version: 2, ...grant })]);
    await until(() => client.linkState === 'refused');
    expect(client.stats().delivery).toMatchObject({ unacknowledgedEvents: 1, acknowledged: 0 });
    await client.close();
    router.close();
  });
});

async function olderVersion(directory: string): Promise<void> {
  const db = open<Buffer, number>({ path: directory, encoding: 'binary', overlappingSync: false });
  await db.put(0, encodeMeta({ format: 0, epoch: 'old', unusedFrom: 1 }));
  await db.close();
}

async function noSpool(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'data.mdb'), Buffer.alloc(20_000, 'no spool '));
}

describe('a spool that cannot be used', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  it.each([
    ['of an older version', olderVersion],
    ['that is none', noSpool],
  ])(
    'because it is one %s fails open() and connect(), and an event is not said to be stored',
    async (name, make) => {
      const directory = join(folder.path, name.replaceAll(' ', '-'));
      mkdirSync(directory, { recursive: true });
      await make(directory);
      const options: ZmqClientOptions = {
        pair: 'dealer-router',
        connect: 'tcp://127.0.0.1:1',
        ...FAST,
        delivery: { mode: 'durable', directory },
      };
      const client = new ZmqClient(options);
      await expect(client.open()).rejects.toThrow(SpoolUnusableError);
      await expect(client.connect()).rejects.toThrow(/move the folder away/);
      expect(client.linkState).toBe('idle');
      const emitted = lastValueFrom(client.emit('tick', { n: 1 }), { defaultValue: undefined });
      const outcome = emitted.catch((error: unknown) => error);
      await expect(client.close()).resolves.toMatchObject({ dropped: 1, kept: 0 });
      expect(await outcome).toMatchObject({ code: 'ERR_ZMQ_EVENT_DROPPED' });
      expect(client.stats().drops).toMatchObject({ drain_timeout: 1 });
    },
  );
});
