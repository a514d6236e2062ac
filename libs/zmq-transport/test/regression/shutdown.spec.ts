/**
 * Shutdown: once close() has resolved no handler starts, nothing is left open, and nothing can make it wait longer
 * than it was told to.
 */
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { ClientClosedError, ZmqClient, type ZmqRequestContext } from '../../src/index.js';
import { EVERY_WIRING, REQUEST_WIRINGS } from '../harness/pairs.js';
import { type Service, ServiceScope } from '../harness/service.js';
import { until } from '../harness/until.js';

let started: unknown[] = [];
let aborted = 0;
let block: Promise<void> | undefined;

@Controller()
class WorkController {
  @EventPattern<unknown>('work')
  work(@Payload() data: unknown): Promise<void> | undefined {
    started.push(data);
    return block;
  }

  @MessagePattern<unknown>('ask')
  async ask(@Payload() data: unknown): Promise<unknown> {
    started.push(data);
    await block;
    return data;
  }

  @MessagePattern<unknown>('hang')
  hang(@Ctx() context: ZmqRequestContext): Promise<never> {
    started.push('hang');
    context.signal.addEventListener('abort', () => (aborted += 1));
    return new Promise(() => undefined);
  }
}

beforeEach(() => {
  [started, aborted, block] = [[], 0, undefined];
});

describe.each(EVERY_WIRING)('closing a server over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());
  const start = (server = {}): Promise<Service> =>
    scope.start({ wiring, controllers: [WorkController], server });

  it('lets no handler start afterwards, whatever a client goes on to send', async () => {
    // A flood keeps the socket busy to the deadline.
    const service = await start({ drainTimeoutMs: 200 });
    const client = await service.connect({ drainTimeoutMs: 0, lingerMs: 0 });
    let sent = 0;
    const flood = setInterval(() => client.emit('work', (sent += 1)), 1);
    await until(() => started.length > 20);
    await service.app.close();
    const count = started.length;
    await until(() => client.linkState === 'disconnected');
    const sentBefore = sent;
    await until(() => sent > sentBefore + 20);
    clearInterval(flood);
    expect(started).toHaveLength(count);
    expect(service.server.stats()).toMatchObject({ state: 'closed', inFlight: 0 });
  });

  it('ends at its deadline though a handler never ends and more events wait for it', async () => {
    block = new Promise(() => undefined);
    const service = await start({ maxInFlight: 1, drainTimeoutMs: 100 });
    const client = await service.connect({ drainTimeoutMs: 0, lingerMs: 0 });
    for (let n = 0; n < 10; n += 1) {
      client.emit('work', n);
    }
    await until(() => started.length === 1 && client.stats().queuedEvents === 0);
    await service.server.close();
    expect(started).toEqual([0]);
    expect(service.server.isReceiving).toBe(false);
  });

  it('is the same twice, before listening, and in parallel', async () => {
    const service = await start();
    const reports = await Promise.all([service.server.drain(), service.server.drain()]);
    expect(reports[0]).toBe(reports[1]);
    await service.server.close();
    expect(service.server.unwrap().closed).toBe(true);
  });
});

describe.each(REQUEST_WIRINGS)('closing with requests under way over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('answers what a server had begun, also when that takes longer than its socket to be quiet', async () => {
    const work = new AbortController();
    block = new Promise((resolve) => work.signal.addEventListener('abort', () => resolve()));
    const service = await scope.start({ wiring, controllers: [WorkController] });
    const client = await service.connect();
    const answers = Promise.all([1, 2, 3].map((n) => lastValueFrom(client.send('ask', n))));
    await until(() => started.length === 3);
    const closing = service.app.close();
    setTimeout(() => work.abort(), 400);
    expect(await answers).toEqual([1, 2, 3]);
    await closing;
    expect(service.server.stats()).toMatchObject({ runningRequests: 0, inFlight: 0, droppedReplies: 0 });
  });

  it('fails what a client waits for, and the server stops working for it', async () => {
    const service = await scope.start({ wiring, controllers: [WorkController] });
    const client = new ZmqClient({ pair: wiring.pair, connect: service.address });
    const pending = Array.from({ length: 50 }, () => lastValueFrom(client.send('hang', 0)));
    const outcomes = Promise.allSettled(pending);
    await until(() => started.length === 50);
    await client.close();
    expect(
      (await outcomes).every((one) => one.status === 'rejected' && one.reason instanceof ClientClosedError),
    ).toBe(true);
    await until(() => aborted === 50);
    expect(service.server.stats()).toMatchObject({ runningRequests: 0, inFlight: 0 });
  });
});
