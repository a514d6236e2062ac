/** Acknowledged delivery at the edges of a life: who left, who opens and closes at once, what an ACK has no room for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Deferred } from '@app/transport-core';
import {
  type ClientDeliveryOptions,
  type DeliveryLedger,
  RefusedEventException,
  ZmqClient,
  ZmqServer,
} from '../../src/index.js';
import { ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { until } from '../harness/until.js';

interface Tick {
  readonly n: number;
  readonly refuse?: string;
  readonly fail?: boolean;
}

const seen: number[] = [];
let calls = 0;

@Controller()
class TickController {
  @EventPattern<string>('tick')
  onTick(@Payload() { n, refuse, fail }: Tick): void {
    calls += 1;
    if (refuse !== undefined) {
      throw new RefusedEventException(refuse);
    }
    if (fail === true) {
      throw new Error('not yet');
    }
    seen.push(n);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'delivery-lifecycle-'));
let spools = 0;
const scope = new ServiceScope();
const wiring = TCP_DEALER_ROUTER;
const ACKNOWLEDGED: { delivery: ClientDeliveryOptions } = { delivery: { mode: 'acknowledged' } };

function freshSpool(): ClientDeliveryOptions & { directory: string } {
  spools += 1;
  return { mode: 'durable', directory: join(folder, `spool-${spools}`) };
}

beforeEach(() => {
  seen.length = 0;
  calls = 0;
});
afterEach(() => scope.dispose());
afterAll(() => rmSync(folder, { recursive: true }));

describe('a server that may follow two producers', () => {
  it('has room for a third when the others have left, however cleanly', async () => {
    const service = await scope.start({
      wiring,
      controllers: [TickController],
      server: { delivery: { maxProducers: 2 } },
    });
    for (const n of [1, 2, 3]) {
      const client = await service.connect(ACKNOWLEDGED);
      const { applied } = await client.deliver('tick', { n });
      await applied;
      await client.close();
    }
    expect(seen).toEqual([1, 2, 3]);
    await until(() => service.server.stats().delivery.producers === 0);
  });
});

describe('failures that one ACK has no room for', () => {
  it('are named by the next ones: nobody takes a refused event for an applied one', async () => {
    const service = await scope.start({ wiring, controllers: [TickController] });
    const client = await service.connect(ACKNOWLEDGED);
    const deliveries = await Promise.all(
      Array.from({ length: 4000 }, (_, n) => client.deliver('tick', { n, refuse: 'never' })),
    );
    const outcomes = await Promise.allSettled(deliveries.map(({ applied }) => applied));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(client.stats().delivery).toMatchObject({ acknowledged: 4000, failed: 4000 });
  });

  it('are cut to a length that their producer can read', async () => {
    const service = await scope.start({ wiring, controllers: [TickController] });
    const client = await service.connect(ACKNOWLEDGED);
    const refuse = 'x'.repeat(200 * 1024);
    for (let n = 0; n < 100; n += 1) {
      client.emit('tick', { n, refuse });
    }
    const { applied } = await client.deliver('tick', { n: 100 });
    await applied;
    expect(client.stats()).toMatchObject({ reconnects: 0, delivery: { failed: 100 } });
  });
});

describe('a durable client', () => {
  it('that is closed while it opens stays closed, and gives its spool free', async () => {
    const delivery = freshSpool();
    const options = { pair: 'dealer-router', connect: 'tcp://127.0.0.1:1', delivery } as const;
    const first = new ZmqClient(options);
    const opening = first.open();
    await first.close();
    await opening;
    expect(first.linkState).toBe('closed');
    const second = new ZmqClient(options);
    await second.open();
    await second.close();
  });

  it('tells the waiting caller that an event is stored, also when it closes before that was heard', async () => {
    const client = new ZmqClient({
      pair: 'dealer-router',
      connect: 'tcp://127.0.0.1:1',
      delivery: freshSpool(),
      drainTimeoutMs: 0,
    });
    await client.open();
    const { stored, applied } = await client.deliver('tick', { n: 1 });
    await expect(client.close()).resolves.toMatchObject({ dropped: 0, kept: 1 });
    await stored;
    await expect(applied).rejects.toMatchObject({ code: 'ERR_ZMQ_EVENT_DROPPED' });
  });
});

describe('a server', () => {
  it('that is closed while its ledger is read does not come back to life', async () => {
    const read = new Deferred<readonly []>();
    const ledger: DeliveryLedger = {
      load: () => read.promise,
      commit: () => undefined,
      forget: () => undefined,
    };
    const server = new ZmqServer({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*', delivery: { ledger } });
    const listened = new Deferred<unknown>();
    server.listen((error) => listened.resolve(error));
    await server.close();
    read.resolve([]);
    expect(await listened.promise).toMatchObject({ code: 'ERR_ZMQ_NOT_OPEN' });
    expect(server.isReceiving).toBe(false);
    expect(server.stats().state).toBe('closed');
  });

  it('calls no handler again once it is closed', async () => {
    const service = await scope.start({
      wiring,
      controllers: [TickController],
      server: {
        drainTimeoutMs: 100,
        delivery: { retry: { maxRetries: 1000, backoffMs: 20, maxBackoffMs: 20 } },
      },
    });
    const client = await service.connect({ ...ACKNOWLEDGED, drainTimeoutMs: 0 });
    client.emit('tick', { n: 1, fail: true });
    await until(() => calls > 1);
    await service.server.close();
    const atClose = calls;
    // The next call would have come within 20 ms; the round trip of another service takes longer.
    const other = await scope.start({ wiring, controllers: [TickController] });
    const second = await other.connect(ACKNOWLEDGED);
    await (
      await second.deliver('tick', { n: 2 })
    ).applied;
    expect(calls).toBe(atClose + 1);
    expect(service.rejected).toEqual([]);
  });
});

describe('a client without room', () => {
  it('counts a refused deliver() as refused', async () => {
    const client = new ZmqClient({
      pair: 'dealer-router',
      connect: 'tcp://127.0.0.1:1',
      ...ACKNOWLEDGED,
      outbox: { maxEvents: 1 },
      drainTimeoutMs: 0,
    });
    await client.open();
    await client.deliver('tick', { n: 1 });
    await expect(client.deliver('tick', { n: 2 })).rejects.toMatchObject({ code: 'ERR_ZMQ_OUTBOX_FULL' });
    expect(client.stats()).toMatchObject({ accepted: 1, drops: { outbox_full: 1 } });
    await client.close();
  });
});
