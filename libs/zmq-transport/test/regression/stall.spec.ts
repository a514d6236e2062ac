/** Stall: a peer that is connected and never reads costs a bounded amount of memory, and costs the others nothing. */
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { Dealer, Pull, Subscriber } from 'zeromq';
import { OutboxFullError } from '../../src/index.js';
import { ServiceScope, TCP_DEALER_ROUTER, TCP_PUSH_PULL } from '../harness/service.js';
import { until } from '../harness/until.js';

const KIB_5 = 'x'.repeat(5 * 1024);
const EVENTS = 4000;

let seen = 0;
beforeEach(() => {
  seen = 0;
});

@Controller()
class CountController {
  @EventPattern<unknown>('event')
  event(): void {
    seen += 1;
  }

  @MessagePattern<unknown>('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

const scope = new ServiceScope();
afterEach(() => scope.dispose());

describe('a PULL that never reads', () => {
  it('takes its buffers’ worth, and the other pullers get the rest', async () => {
    const deaf = new Pull({ linger: 0, receiveHighWaterMark: 1 });
    await deaf.bind('tcp://127.0.0.1:*');
    const service = await scope.start({ wiring: TCP_PUSH_PULL, controllers: [CountController] });
    const client = await service.connect({
      connect: [deaf.lastEndpoint ?? '', service.address],
      highWaterMark: 1,
      maxBatchEvents: 8,
      drainTimeoutMs: 50,
      lingerMs: 0,
    });
    await until(() => client.stats().peers === 2);
    for (let n = 0; n < EVENTS; n += 1) {
      client.emit('event', KIB_5);
      await until(() => client.stats().queuedEvents < 200);
    }
    // What is not sent at the end is the one message that the deaf one does not take.
    await until(() => client.stats().queuedEvents <= 8 && seen > EVENTS / 4);
    expect(client.stats().drops.outbox_full).toBe(0);
    deaf.close();
  });

  it('fills the outbox when it is the only one, which then refuses by name', async () => {
    const deaf = new Pull({ linger: 0, receiveHighWaterMark: 1 });
    await deaf.bind('tcp://127.0.0.1:*');
    const service = await scope.start({ wiring: TCP_PUSH_PULL, controllers: [CountController] });
    const client = await service.connect({
      connect: deaf.lastEndpoint ?? '',
      highWaterMark: 1,
      outbox: { maxBytes: 1024 * 1024 },
      drainTimeoutMs: 50,
      lingerMs: 0,
    });
    const refused: unknown[] = [];
    await until(() => {
      for (let n = 0; n < 100; n += 1) {
        client.emit('event', KIB_5).subscribe({ error: (error: unknown) => refused.push(error) });
      }
      return refused.length > 0;
    });
    expect(refused[0]).toBeInstanceOf(OutboxFullError);
    expect(client.stats().queuedBytes).toBeLessThanOrEqual(1024 * 1024);
    deaf.close();
  });
});

describe('a SUB that never reads', () => {
  it('loses what it does not read; the publisher does not wait, and the other subscribers miss nothing', async () => {
    const service = await scope.start({
      wiring: { pair: 'pub-sub', network: 'tcp' },
      controllers: [CountController],
    });
    const deaf = new Subscriber({ linger: 0, receiveHighWaterMark: 1 });
    await deaf.bind('tcp://127.0.0.1:*');
    deaf.subscribe('event');
    const client = await service.connect({
      connect: [service.address, deaf.lastEndpoint ?? ''],
      lingerMs: 0,
    });
    await until(() => client.stats().peers === 2);
    for (let n = 0; n < EVENTS; n += 100) {
      for (let m = 0; m < 100; m += 1) {
        client.emit('event', KIB_5);
      }
      await until(() => seen === n + 100);
    }
    expect(service.server.stats()).toMatchObject({ received: EVENTS, missed: 0 });
    expect(client.stats()).toMatchObject({ sent: EVENTS, queuedEvents: 0 });
    deaf.close();
  });
});

describe('a DEALER that never reads its answers', () => {
  it('is refused more of them, and the others are answered', async () => {
    const service = await scope.start({
      wiring: TCP_DEALER_ROUTER,
      controllers: [CountController],
      server: { maxPendingReplyBytes: 200_000, highWaterMark: 1, drainTimeoutMs: 50, lingerMs: 0 },
    });
    const deaf = new Dealer({ linger: 0, receiveHighWaterMark: 1 });
    deaf.connect(service.address);
    const other = await service.connect();
    let id = 0;
    await until(async () => {
      for (let n = 0; n < 100; n += 1) {
        id += 1;
        await deaf.send([Buffer.from([1]), JSON.stringify({ pattern: 'echo', data: KIB_5, id: String(id) })]);
      }
      return service.server.stats().droppedReplies > 0;
    });
    expect(await lastValueFrom(other.send('echo', 1))).toBe(1);
    expect(await other.ping()).toBeLessThan(1);
    deaf.close();
  });
});
