import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { Deferred } from '@app/transport-core';
import {
  BatchEventPattern,
  EventFailedError,
  InvalidOptionsError,
  RefusedEventException,
  ZmqClient,
  ZmqRecordBuilder,
} from '../../src/index.js';
import { REQUEST_WIRINGS } from '../harness/pairs.js';
import { ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { until } from '../harness/until.js';

interface Tick {
  readonly n: number;
  readonly failures?: number;
  readonly refuse?: boolean;
}

const seen: number[] = [];
const calls: number[] = [];
let gate: Promise<void> | undefined;

@Controller()
class TickController {
  @EventPattern<string>('tick')
  async onTick(@Payload() tick: Tick): Promise<void> {
    calls.push(tick.n);
    await gate;
    if (tick.refuse === true) {
      throw new RefusedEventException('not that one');
    }
    if (calls.filter((n) => n === tick.n).length <= (tick.failures ?? 0)) {
      throw new Error('not yet');
    }
    seen.push(tick.n);
  }

  @BatchEventPattern('batch')
  onBatch(@Payload() ticks: Tick[]): void {
    seen.push(...ticks.map(({ n }) => n));
  }

  @MessagePattern<string>('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

/** Handlers wait until the returned function is called. */
function closeGate(): () => void {
  const gated = new Deferred<void>();
  gate = gated.promise;
  return () => gated.resolve();
}

const ACKNOWLEDGED = { delivery: { mode: 'acknowledged' } } as const;
const RECONNECT = { reconnectIntervalMs: 10, reconnectMaxIntervalMs: 50 };
const FAST_RETRY = { delivery: { retry: { backoffMs: 5 } } };

beforeEach(() => {
  seen.length = 0;
  calls.length = 0;
  gate = undefined;
});

describe.each(REQUEST_WIRINGS)('acknowledged events over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('are handled in their order and leave nothing behind', async () => {
    const service = await scope.start({ wiring, controllers: [TickController] });
    const client = await service.connect(ACKNOWLEDGED);
    for (let n = 1; n <= 5000; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => client.stats().delivery?.unacknowledgedEvents === 0);
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
    expect(client.stats().delivery).toMatchObject({ acknowledged: 5000, resent: 0, failed: 0 });
    expect(service.server.stats().delivery).toMatchObject({ handled: 5000, duplicates: 0, producers: 1 });
  });

  it('reach batch handlers as batches', async () => {
    const service = await scope.start({ wiring, controllers: [TickController] });
    const client = await service.connect(ACKNOWLEDGED);
    for (let n = 1; n <= 1000; n += 1) {
      client.emit('batch', { n });
    }
    await until(() => client.stats().delivery?.acknowledged === 1000);
    expect(seen).toHaveLength(1000);
  });

  it('tell the waiting caller when their handler has ended', async () => {
    const service = await scope.start({ wiring, controllers: [TickController] });
    const client = await service.connect(ACKNOWLEDGED);
    const open = closeGate();
    const delivery = await client.deliver('tick', { n: 1 });
    await until(() => calls.length === 1);
    expect(client.stats().delivery?.acknowledged).toBe(0);
    open();
    await delivery.applied;
    expect(seen).toEqual([1]);
    const second = new ZmqRecordBuilder({ n: 2 }).setResolves('applied').build();
    await lastValueFrom(client.emit('tick', second), { defaultValue: undefined });
    expect(seen).toEqual([1, 2]);
    expect(delivery.id).toMatch(/-1$/);
  });

  it('that fail are tried again, and only their own batch waits for them', async () => {
    const service = await scope.start({ wiring, controllers: [TickController], server: FAST_RETRY });
    const client = await service.connect(ACKNOWLEDGED);
    const delivery = await client.deliver('tick', { n: 1, failures: 2 });
    client.emit('tick', { n: 2 });
    await delivery.applied;
    await until(() => seen.length === 2);
    expect(calls.filter((n) => n === 1)).toHaveLength(3);
    expect(service.server.stats().delivery.retries).toBe(2);
    expect(service.rejected).toEqual([]);
  });

  it('that fail at every try become dead letters, and the waiting caller is told', async () => {
    const service = await scope.start({ wiring, controllers: [TickController], server: FAST_RETRY });
    const client = await service.connect(ACKNOWLEDGED);
    const [hopeless, fine] = await Promise.all([
      client.deliver('tick', { n: 1, failures: 99 }),
      client.deliver('tick', { n: 2 }),
    ]);
    await expect(hopeless.applied).rejects.toThrow(EventFailedError);
    await fine.applied;
    expect(calls.filter((n) => n === 1)).toHaveLength(4);
    expect(service.rejected).toMatchObject([{ reason: 'handler_failed', content: { data: { n: 1 } } }]);
    expect(client.stats().delivery).toMatchObject({ acknowledged: 2, failed: 1 });
  });

  it('that are refused are not tried again', async () => {
    const service = await scope.start({ wiring, controllers: [TickController], server: FAST_RETRY });
    const client = await service.connect(ACKNOWLEDGED);
    const { applied } = await client.deliver('tick', { n: 1, refuse: true });
    await expect(applied).rejects.toThrow('not that one');
    expect(calls).toEqual([1]);
  });

  it('of a pattern nobody handles are acknowledged as failed', async () => {
    const service = await scope.start({ wiring, controllers: [TickController] });
    const client = await service.connect(ACKNOWLEDGED);
    const { applied } = await client.deliver('nobody', { n: 1 });
    await expect(applied).rejects.toMatchObject({ reason: 'no_handler' });
  });

  it('survive a server that goes and comes back, each handled once', async () => {
    const first = await scope.start({ wiring, controllers: [TickController] });
    const client = await first.connect({ ...ACKNOWLEDGED, ...RECONNECT });
    for (let n = 1; n <= 100; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => seen.length === 100);
    await first.app.close();
    await until(() => client.linkState === 'disconnected');
    for (let n = 101; n <= 200; n += 1) {
      client.emit('tick', { n });
    }
    await scope.start({ wiring, controllers: [TickController], server: { bind: first.address } });
    await until(() => client.stats().delivery?.unacknowledgedEvents === 0);
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });

  it('share their connection with requests', async () => {
    const service = await scope.start({ wiring, controllers: [TickController] });
    const client = await service.connect(ACKNOWLEDGED);
    for (let n = 1; n <= 1000; n += 1) {
      client.emit('tick', { n });
    }
    await expect(lastValueFrom(client.send('echo', 'hello'))).resolves.toBe('hello');
    await until(() => seen.length === 1000);
  });

  it('that were not acknowledged when the client closes are reported', async () => {
    const service = await scope.start({ wiring, controllers: [TickController] });
    const client = await service.connect({ ...ACKNOWLEDGED, drainTimeoutMs: 50 });
    const open = closeGate();
    const { applied } = await client.deliver('tick', { n: 1 });
    await expect(client.close()).resolves.toEqual({ queued: 1, delivered: 0, dropped: 1, kept: 0 });
    await expect(applied).rejects.toMatchObject({ code: 'ERR_ZMQ_EVENT_DROPPED' });
    open();
  });
});

describe('a slow handler', () => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('holds its producer back: no more than the window is on its way, and the rest is refused', async () => {
    const service = await scope.start({
      wiring: TCP_DEALER_ROUTER,
      controllers: [TickController],
      server: { delivery: { windowEvents: 512 } },
    });
    const client = await service.connect({
      ...ACKNOWLEDGED,
      outbox: { maxEvents: 2000 },
      maxBatchEvents: 64,
    });
    const open = closeGate();
    for (let n = 1; n <= 2500; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => service.server.stats().delivery.queuedEvents > 400);
    expect(client.stats()).toMatchObject({ drops: { outbox_full: 500 }, sent: 512 });
    open();
    await until(() => client.stats().delivery?.unacknowledgedEvents === 0);
    expect(seen).toHaveLength(2000);
  });

  it('makes emit wait where the policy says so, and nothing is refused', async () => {
    const service = await scope.start({ wiring: TCP_DEALER_ROUTER, controllers: [TickController] });
    const client = await service.connect({
      delivery: { mode: 'acknowledged', overflow: 'block' },
      outbox: { maxEvents: 100 },
    });
    const emitted = Array.from({ length: 1000 }, (_, n) =>
      lastValueFrom(client.emit('tick', { n }), { defaultValue: undefined }),
    );
    await Promise.all(emitted);
    await until(() => seen.length === 1000);
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    expect(client.stats()).toMatchObject({ drops: { outbox_full: 0 }, delivery: { blocked: 900 } });
  });

  it('makes the oldest unsent events give way where the policy says so', async () => {
    const client = new ZmqClient({
      pair: 'dealer-router',
      connect: 'tcp://127.0.0.1:1',
      delivery: { mode: 'acknowledged', overflow: 'drop-oldest' },
      outbox: { maxEvents: 100 },
      maxBatchEvents: 10,
      drainTimeoutMs: 0,
    });
    await client.open();
    for (let n = 0; n < 250; n += 1) {
      await lastValueFrom(client.emit('tick', { n }), { defaultValue: undefined });
    }
    expect(client.stats()).toMatchObject({
      accepted: 250,
      delivery: { unacknowledgedEvents: 100 },
      drops: { dropped_oldest: 150, outbox_full: 0 },
    });
    await client.close();
  });
});

describe('options of acknowledged delivery', () => {
  const connect = 'tcp://127.0.0.1:1';
  it.each([
    [{ connect, delivery: { mode: 'acknowledged' } }, 'dealer-router'],
    [
      { pair: 'dealer-router', connect: [connect, 'tcp://127.0.0.1:2'], delivery: { mode: 'acknowledged' } },
      'exactly one',
    ],
    [{ pair: 'dealer-router', bind: connect, delivery: { mode: 'acknowledged' } }, 'exactly one'],
    [{ pair: 'dealer-router', connect, delivery: { mode: 'durable' } }, 'delivery.directory'],
    [{ pair: 'dealer-router', connect, emitResolves: 'applied' }, 'applied'],
    [
      { pair: 'dealer-router', connect, delivery: { mode: 'acknowledged' }, emitResolves: 'stored' },
      'stored',
    ],
  ] as const)('refuses %j', (options, message) => {
    expect(() => new ZmqClient(options)).toThrow(InvalidOptionsError);
    expect(() => new ZmqClient(options)).toThrow(message);
  });
});
