import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { concat, interval, lastValueFrom, type Observable, of, take, throwError, toArray } from 'rxjs';
import {
  PeerUnreachableError,
  RequestTimeoutError,
  ZmqClient,
  ZmqRecordBuilder,
  ZmqRequestContext,
  ZmqServer,
  type ZmqServerOptions,
} from '../src/index.js';
import { until } from './harness/until.js';

class Sums {
  readonly events: unknown[] = [];
  readonly cancelled: string[] = [];
  started = 0;
}

async function startSums(
  options: Partial<ZmqServerOptions> = {},
): Promise<{ app: INestMicroservice; server: ZmqServer; sums: Sums; address: string }> {
  const sums = new Sums();

  @Controller()
  class SumController {
    @MessagePattern<unknown>('sum')
    sum(@Payload() numbers: number[]): number {
      return numbers.reduce((a, b) => a + b, 0);
    }

    @MessagePattern<unknown>({ cmd: 'stream', v: 2 })
    stream(@Payload() n: number): Observable<number> {
      return of(...Array.from({ length: n }, (_, i) => i));
    }

    @MessagePattern<unknown>('half')
    half(): Observable<number> {
      return concat(
        of(1),
        throwError(() => new RpcException('no more')),
      );
    }

    @MessagePattern<unknown>('rpc')
    rpc(): never {
      throw new RpcException({ status: 'error', message: 'as told', code: 7 });
    }

    @MessagePattern<unknown>('oops')
    oops(): never {
      throw new Error('a secret detail');
    }

    @MessagePattern<unknown>('never')
    never(@Ctx() context: ZmqRequestContext): Promise<never> {
      sums.started += 1;
      context.signal.addEventListener('abort', () => sums.cancelled.push('signal'));
      return new Promise(() => undefined);
    }

    @MessagePattern<unknown>('ticks')
    ticks(@Ctx() context: ZmqRequestContext): Observable<number> {
      sums.started += 1;
      context.signal.addEventListener('abort', () => sums.cancelled.push('stream'));
      return interval(1);
    }

    @MessagePattern<unknown>('circular')
    circular(): unknown {
      const value: Record<string, unknown> = {};
      value['self'] = value;
      return value;
    }

    @EventPattern<unknown>('note')
    note(@Payload() data: unknown): void {
      sums.events.push(data);
    }
  }

  const where =
    options.bind === undefined && options.connect === undefined ? { bind: 'tcp://127.0.0.1:*' } : {};
  const server = new ZmqServer({ pair: 'dealer-router', ...where, ...options });
  const module = await Test.createTestingModule({ controllers: [SumController] }).compile();
  const app = module.createNestMicroservice({ strategy: server, logger: false });
  await app.listen();
  return { app, server, sums, address: server.boundAddresses[0] ?? '' };
}

describe('DEALER/ROUTER requests', () => {
  let service: Awaited<ReturnType<typeof startSums>>;
  let client: ZmqClient;

  beforeEach(async () => {
    service = await startSums();
    client = new ZmqClient({ pair: 'dealer-router', connect: service.address });
  });

  afterEach(async () => {
    await client.close();
    await service.app.close();
  });

  it('answers with one value', async () => {
    expect(await lastValueFrom(client.send<number>('sum', [1, 2, 3]))).toBe(6);
    expect(client.stats().pendingRequests).toBe(0);
    expect(service.server.stats().runningRequests).toBe(0);
  });

  it('answers with many values, in their order, to an object pattern', async () => {
    const values = await lastValueFrom(client.send<number>({ v: 2, cmd: 'stream' }, 1000).pipe(toArray()));
    expect(values).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  });

  it('brings values before an error, and then the error', async () => {
    const seen: number[] = [];
    const error: unknown = await new Promise((resolve) =>
      client.send<number>('half', 0).subscribe({ next: (n) => seen.push(n), error: resolve }),
    );
    expect(seen).toEqual([1]);
    expect(error).toEqual({ status: 'error', message: 'no more' });
  });

  it('maps errors as Nest does: an RpcException as it is, anything else without its detail', async () => {
    await expect(lastValueFrom(client.send('rpc', 0))).rejects.toEqual({
      status: 'error',
      message: 'as told',
      code: 7,
    });
    await expect(lastValueFrom(client.send('oops', 0))).rejects.toEqual({
      status: 'error',
      message: 'Internal server error',
    });
    await expect(lastValueFrom(client.send('nobody', 0))).rejects.toContain('no matching message handler');
    await expect(lastValueFrom(client.send('circular', 0))).rejects.toMatchObject({
      message: expect.stringContaining('cannot be serialized') as string,
    });
  });

  it('keeps 1,000 concurrent requests apart, in far fewer messages than requests', async () => {
    await client.connect();
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => lastValueFrom(client.send<number>('sum', [n, 1]))),
    );
    expect(answers).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1));
    expect(service.server.stats().batches).toBeLessThan(500);
  });

  it('ends in an error when the answer takes too long, and tells the server', async () => {
    const request = client.send('never', new ZmqRecordBuilder(0).setTimeout(50).build());
    await expect(lastValueFrom(request)).rejects.toBeInstanceOf(RequestTimeoutError);
    await until(() => service.sums.cancelled.length === 1);
    expect(service.sums.cancelled).toEqual(['signal']);
    expect(client.stats().pendingRequests).toBe(0);
  });

  it('cancels on the server when the caller unsubscribes', async () => {
    await lastValueFrom(client.send('ticks', 0).pipe(take(3)));
    await until(() => service.server.stats().runningRequests === 0);
    expect(service.sums.cancelled).toEqual(['stream']);
  });

  it('cancels on the server when the whole client goes away', async () => {
    const other = new ZmqClient({ pair: 'dealer-router', connect: service.address });
    const ticks = other.send('ticks', 0).subscribe({ error: () => undefined });
    await until(() => service.sums.started === 1);
    await other.close();
    await until(() => service.server.stats().runningRequests === 0);
    expect(ticks.closed).toBe(true);
    expect(service.sums.cancelled).toEqual(['stream']);
  });

  it('carries events beside requests', async () => {
    client.emit('note', { n: 1 });
    await until(() => service.sums.events.length === 1);
    expect(service.sums.events).toEqual([{ n: 1 }]);
  });

  it('measures a round trip', async () => {
    await client.connect();
    const seconds = await client.ping();
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(1);
    expect(client.stats().roundTripSeconds).toBe(seconds);
  });

  it('fails requests under way when the server dies, and answers again when one is back', async () => {
    const pending = lastValueFrom(client.send('never', 0));
    await until(() => service.sums.started === 1);
    service.server.unwrap().close();
    await expect(pending).rejects.toBeInstanceOf(PeerUnreachableError);
    await service.app.close();
    service = await startSums({ bind: service.address });
    await until(() => client.linkState === 'connected');
    expect(await lastValueFrom(client.send<number>('sum', [4]))).toBe(4);
  });
});

describe('DEALER/ROUTER without a server', () => {
  it('fails a request instead of hanging, and tries again with the next', async () => {
    const client = new ZmqClient({
      pair: 'dealer-router',
      connect: 'tcp://127.0.0.1:1',
      connectTimeoutMs: 50,
    });
    await expect(lastValueFrom(client.send('sum', [1]))).rejects.toBeInstanceOf(PeerUnreachableError);
    await expect(client.connect()).rejects.toBeInstanceOf(PeerUnreachableError);
    await client.close();
  });
});

describe.each([
  ['ipc', 'ipc:///tmp/zmq-transport-dealer.sock'],
  ['inproc', 'inproc://dealer'],
])('DEALER/ROUTER over %s', (_name, bind) => {
  it('answers', async () => {
    const service = await startSums({ bind });
    const client = new ZmqClient({ pair: 'dealer-router', connect: service.address });
    expect(await lastValueFrom(client.send<number>('sum', [1, 2]))).toBe(3);
    await client.close();
    await service.app.close();
  });
});
