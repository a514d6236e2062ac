/** Limits: what is too large, too many or too much is refused by name, and what comes after it is served. */
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { lastValueFrom, type Observable, range, map } from 'rxjs';
import { Dealer } from 'zeromq';
import { EVERY_WIRING } from '../harness/pairs.js';
import { type Service, ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { until } from '../harness/until.js';

let seen: unknown[] = [];
let hanging = 0;
beforeEach(() => {
  [seen, hanging] = [[], 0];
});

@Controller()
class LimitController {
  @EventPattern<unknown>('event')
  event(@Payload() data: unknown): void {
    seen.push(data);
  }

  @MessagePattern<unknown>('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }

  @MessagePattern<unknown>('hang')
  hang(): Promise<never> {
    hanging += 1;
    return new Promise(() => undefined);
  }

  @MessagePattern<unknown>('flood')
  flood(@Payload() count: number): Observable<string> {
    return range(0, count).pipe(map(() => 'x'.repeat(10_000)));
  }
}

describe.each(EVERY_WIRING)('a server with limits over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('refuses a frame that is too large, and too many events in one, and serves the next', async () => {
    const service = await scope.start({
      wiring,
      controllers: [LimitController],
      server: { maxFrameBytes: 2000, maxBatchEvents: 10 },
    });
    const client = await service.connect({ maxBatchEvents: 11 });
    const large = 'x'.repeat(2000);
    if (wiring.pair === 'dealer-router') {
      // A client of ours was told the limit, and keeps to it: it takes another to send more.
      const other = new Dealer();
      other.connect(service.address);
      await other.send([Buffer.from([1]), JSON.stringify({ pattern: 'event', data: large })]);
      await until(() => service.rejected.length === 1);
      other.close();
    } else {
      client.emit('event', large);
    }
    await until(() => service.rejected.length === 1);
    for (let n = 0; n < 12; n += 1) {
      client.emit('event', n);
    }
    await until(() => service.rejected.length === 2 && seen.length === 1);
    expect(service.rejected.map(({ reason }) => reason)).toEqual(['oversize', 'batch_size']);
    client.emit('event', 'small');
    await until(() => seen.includes('small'));
  });
});

describe('requests of one peer', () => {
  const scope = new ServiceScope();
  let service: Service;
  afterEach(() => scope.dispose());

  it('are refused beyond maxPendingRequests, and those of others are not', async () => {
    service = await scope.start({
      wiring: TCP_DEALER_ROUTER,
      controllers: [LimitController],
      server: { maxPendingRequests: 5 },
    });
    const greedy = await service.connect();
    const other = await service.connect();
    const hung = Array.from({ length: 5 }, () =>
      greedy.send('hang', 0).subscribe({ error: () => undefined }),
    );
    await until(() => hanging === 5);
    await expect(lastValueFrom(greedy.send('echo', 1))).rejects.toMatchObject({
      message: 'too many requests are pending',
    });
    expect(await lastValueFrom(other.send('echo', 2))).toBe(2);
    hung.forEach((subscription) => subscription.unsubscribe());
    await until(() => service.server.stats().runningRequests === 0);
    expect(await lastValueFrom(greedy.send('echo', 3))).toBe(3);
  });

  it('do not lock the server when they hang, however few handlers may run at the same time', async () => {
    service = await scope.start({
      wiring: TCP_DEALER_ROUTER,
      controllers: [LimitController],
      server: { maxInFlight: 2 },
    });
    const stuck = await service.connect({ maxBatchEvents: 1 });
    const other = await service.connect();
    const hung = Array.from({ length: 4 }, () => stuck.send('hang', 0).subscribe({ error: () => undefined }));
    await until(() => hanging === 4);
    expect(await lastValueFrom(other.send('echo', 2))).toBe(2);
    hung.forEach((subscription) => subscription.unsubscribe());
    await until(() => service.server.stats().runningRequests === 0);
  });

  it('lose answers beyond maxPendingReplyBytes when they are not read, and those of others do not', async () => {
    service = await scope.start({
      wiring: TCP_DEALER_ROUTER,
      controllers: [LimitController],
      server: { maxPendingReplyBytes: 100_000, highWaterMark: 1, drainTimeoutMs: 100, lingerMs: 0 },
    });
    const deaf = new Dealer({ linger: 0, receiveHighWaterMark: 1 });
    deaf.connect(service.address);
    const request = { pattern: 'flood', data: 5000, id: '1' };
    await deaf.send([Buffer.from([1]), JSON.stringify(request)]);
    await until(() => service.server.stats().droppedReplies > 0);
    const other = await service.connect();
    expect(await lastValueFrom(other.send('echo', 1))).toBe(1);
    deaf.close();
  });
});
