/** What may happen to a link and to either end of it: acknowledged events arrive all the same, each once. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { temporaryFolder } from '../../../transport-core/test/spool/harness/spools.js';
import type { ZmqClient, ZmqClientOptions } from '../../src/index.js';
import { type Service, ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { Link } from '../../../../testing/link.js';
import { until } from '../harness/until.js';
import { PeerScope, TICK_SERVER, tickClient } from './harness/peer-process.js';

const seen: number[] = [];
beforeEach(() => (seen.length = 0));

@Controller()
class TickController {
  @EventPattern<string>('tick')
  onTick(@Payload() { n }: { n: number }): void {
    seen.push(n);
  }

  @MessagePattern<string>('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

const FAST: Partial<ZmqClientOptions> = {
  heartbeatIntervalMs: 50,
  reconnectIntervalMs: 10,
  reconnectMaxIntervalMs: 50,
  drainTimeoutMs: 500,
  lingerMs: 0,
};
const ACKNOWLEDGED: Partial<ZmqClientOptions> = { ...FAST, delivery: { mode: 'acknowledged' } };
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);

const scope = new ServiceScope();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of closing.splice(0)) await close();
  await peers.dispose();
  await scope.dispose();
});

const start = (): Promise<Service> =>
  scope.start({
    wiring: TCP_DEALER_ROUTER,
    controllers: [TickController],
    server: { heartbeatIntervalMs: 50, lingerMs: 0 },
  });

const peers = new PeerScope();
const peer = peers.start;

function emit(client: ZmqClient, from: number, to: number): void {
  numbers(from, to).forEach((n) => client.emit('tick', { n }));
}

async function untilAcknowledged(client: ZmqClient): Promise<void> {
  await until(() => client.stats().delivery?.unacknowledgedEvents === 0);
}

describe('a link', () => {
  let service: Service;
  let proxy: Link;
  let client: ZmqClient;
  beforeEach(async () => {
    service = await start();
    proxy = await Link.open(service.address);
    closing.push(() => proxy.close());
    client = await service.connect({ ...ACKNOWLEDGED, connect: proxy.address });
  });

  it('that is cut again and again loses nothing and brings nothing twice', async () => {
    for (let round = 0; round < 5; round += 1) {
      emit(client, round * 500 + 1, round * 500 + 300);
      await until(() => seen.length > round * 500 + 50);
      proxy.cut();
      emit(client, round * 500 + 301, round * 500 + 500);
      await until(() => client.linkState === 'disconnected');
      proxy.restore();
      await untilAcknowledged(client);
    }
    expect(seen).toEqual(numbers(1, 2500));
    expect(proxy.passed).toBeGreaterThanOrEqual(6);
  });

  it('that goes silent is given up after six heartbeats, and used again when it speaks', async () => {
    emit(client, 1, 100);
    await until(() => seen.length === 100);
    proxy.hold();
    emit(client, 101, 200);
    await until(() => client.linkState === 'disconnected');
    expect(seen).toHaveLength(100);
    proxy.restore();
    await untilAcknowledged(client);
    expect(seen).toEqual(numbers(1, 200));
  });

  it('that is slow brings acknowledgements late, and no event again', async () => {
    proxy.slow(40);
    emit(client, 1, 1000);
    await untilAcknowledged(client);
    expect(seen).toEqual(numbers(1, 1000));
    expect(client.stats().delivery).toMatchObject({ resent: 0 });
  });
});

describe('a frozen process', () => {
  it('that serves is found dead by its client, and gets each event once when it goes on', async () => {
    const server = peer(TICK_SERVER);
    const service = await start();
    const client = await service.connect({ ...ACKNOWLEDGED, connect: await server.said('bound') });
    emit(client, 1, 100);
    await untilAcknowledged(client);
    server.freeze();
    emit(client, 101, 200);
    await until(() => client.linkState === 'disconnected');
    emit(client, 201, 300);
    server.thaw();
    await untilAcknowledged(client);
    await until(() => server.numbers('tick').length >= 300);
    expect(server.numbers('tick')).toEqual(numbers(1, 300));
  });

  it('that sends keeps what it has, hinders nobody, and brings it when it goes on', async () => {
    const service = await start();
    const client = peer(tickClient({ pair: 'dealer-router', connect: service.address, ...ACKNOWLEDGED }));
    await until(() => seen.length > 100);
    client.freeze();
    const other = await service.connect(ACKNOWLEDGED);
    emit(other, -1000, -1);
    await untilAcknowledged(other);
    const before = seen.length;
    client.thaw();
    await until(() => seen.length > before + 500);
    expect(seen.filter((n) => n < 0)).toEqual(numbers(-1000, -1));
    const its = seen.filter((n) => n > 0);
    expect(its).toEqual(numbers(1, its.length));
  });
});

describe('a durable client', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  it('that is killed brings all that it had stored, once, when it is started again', async () => {
    const service = await start();
    const options = {
      pair: 'dealer-router',
      connect: service.address,
      ...FAST,
      delivery: { mode: 'durable', directory: folder.path },
    };
    const stored = new Set<number>();
    for (let round = 0; round < 4; round += 1) {
      const client = peer(tickClient(options, round * 100_000 + 1));
      await until(() => client.numbers('stored').length > 200 * (round + 1));
      await client.kill();
      client.numbers('stored').forEach((n) => stored.add(n));
    }
    const last = await service.connect({ ...options, pair: 'dealer-router' } as ZmqClientOptions);
    await untilAcknowledged(last);
    expect([...stored].filter((n) => !seen.includes(n))).toEqual([]);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(1000);
  });
});

/** An hour back and forth with every look at it, until the spec is over. */
function shakeTheClock(): void {
  const HOUR_MS = 3_600_000;
  const now = Date.now.bind(Date);
  let looks = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => {
    looks += 1;
    return now() + ((looks % 3) - 1) * HOUR_MS;
  });
}

/** As `until`, which looks at that clock. */
async function untilSo(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

describe('a clock that jumps', () => {
  it('changes nothing in what is delivered', async () => {
    const service = await start();
    const client = await service.connect(ACKNOWLEDGED);
    shakeTheClock();
    emit(client, 1, 2000);
    await expect(lastValueFrom(client.send('echo', 1))).resolves.toBe(1);
    await untilSo(() => client.stats().delivery?.unacknowledgedEvents === 0);
    expect(seen).toEqual(numbers(1, 2000));
  });

  it('does not cut a drain short', async () => {
    const service = await start();
    // With its own patient heartbeats: a machine that stalls must not end the connection here.
    const client = await service.connect();
    emit(client, 1, 5000);
    await until(() => seen.length > 100);
    shakeTheClock();
    await client.close();
    expect(await service.server.drain()).toMatchObject({ inFlight: 0, empty: true });
    expect(seen).toEqual(numbers(1, 5000));
  });
});
