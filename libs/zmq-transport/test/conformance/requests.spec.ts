import { Controller } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { delay, from, lastValueFrom, type Observable, of, reduce, scan, toArray } from 'rxjs';
import { PeerUnreachableError, ZmqClient } from '../../src/index.js';
import { REQUEST_WIRINGS } from '../harness/pairs.js';
import { type Service, ServiceScope } from '../harness/service.js';

const add = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

@Controller()
class SumController {
  @MessagePattern<unknown>({ cmd: 'sum' })
  sum(@Payload() numbers: number[]): number {
    return add(numbers);
  }

  @MessagePattern<unknown>({ cmd: 'promise' })
  promise(@Payload() numbers: number[]): Promise<number> {
    return Promise.resolve(add(numbers));
  }

  @MessagePattern<unknown>({ cmd: 'observable' })
  observable(@Payload() numbers: number[]): Observable<number> {
    return of(add(numbers)).pipe(delay(1));
  }

  @MessagePattern<unknown>({ cmd: 'promised observable' })
  promisedObservable(@Payload() numbers: number[]): Promise<Observable<number>> {
    return Promise.resolve(of(add(numbers)));
  }

  @MessagePattern<unknown>({ cmd: 'running totals' })
  runningTotals(@Payload() numbers: number[]): Observable<number> {
    return from(numbers).pipe(scan((a, b) => a + b, 0));
  }

  @MessagePattern<unknown>('echo')
  echo(@Payload() value: unknown): unknown {
    return value;
  }

  @MessagePattern<unknown>('nothing')
  nothing(): void {}

  @MessagePattern<unknown>('null')
  null(): null {
    return null;
  }

  @MessagePattern<unknown>(42)
  number(): string {
    return 'forty-two';
  }

  @MessagePattern<unknown>('refuse')
  refuse(): Observable<never> {
    throw new RpcException('refused');
  }
}

describe.each(REQUEST_WIRINGS)('requests over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  let service: Service;
  let client: ZmqClient;

  beforeAll(async () => {
    service = await scope.start({ wiring, controllers: [SumController] });
    client = await service.connect();
  });

  afterAll(() => scope.dispose());

  it.each(['sum', 'promise', 'observable', 'promised observable'])(
    'answers one value of a handler that returns a %s',
    async (cmd) => {
      expect(await lastValueFrom(client.send({ cmd }, [1, 2, 3, 4, 5]).pipe(toArray()))).toEqual([15]);
    },
  );

  it('brings each value of a stream', async () => {
    const totals = client.send<number>({ cmd: 'running totals' }, [1, 2, 3, 4, 5]);
    expect(await lastValueFrom(totals.pipe(toArray()))).toEqual([1, 3, 6, 10, 15]);
  });

  it('lets the caller reduce a stream', async () => {
    const totals = client.send<number>({ cmd: 'running totals' }, [1, 1, 1]);
    expect(await lastValueFrom(totals.pipe(reduce((a, b) => a + b)))).toBe(6);
  });

  it('keeps the answers of concurrent requests apart', async () => {
    const tens = Array.from({ length: 10 }, (_, row) =>
      Array.from({ length: 10 }, (__, n) => row * 10 + n + 1),
    );
    const sums = await Promise.all(
      tens.map((ten) => lastValueFrom(client.send<number>({ cmd: 'sum' }, ten))),
    );
    expect(sums).toEqual(tens.map(add));
    expect(add(sums)).toBe(5050);
  });

  it('completes without a value for a handler that returns nothing, and with null for null', async () => {
    expect(await lastValueFrom(client.send('nothing', {}).pipe(toArray()))).toEqual([]);
    expect(await lastValueFrom(client.send('null', {}).pipe(toArray()))).toEqual([null]);
  });

  it('carries falsy, empty and Unicode payloads as they are', async () => {
    for (const value of [0, false, '', [], {}, '✓ λ 🙂', [null], { nested: { deep: [1, [2, [3]]] } }]) {
      expect(await lastValueFrom(client.send('echo', value))).toEqual(value);
    }
  });

  it('finds a handler by a numeric pattern', async () => {
    expect(await lastValueFrom(client.send(42, {}))).toBe('forty-two');
  });

  it('sends nothing until somebody subscribes, and again for each subscriber', async () => {
    const { accepted } = client.stats();
    const request = client.send('echo', 1);
    expect(client.stats().accepted).toBe(accepted);
    await Promise.all([lastValueFrom(request), lastValueFrom(request)]);
    expect(client.stats().accepted).toBe(accepted + 2);
  });

  it('refuses a request without a pattern or data, as Nest does', async () => {
    const { accepted } = client.stats();
    await expect(lastValueFrom(client.send(undefined, 1))).rejects.toBeInstanceOf(Error);
    await expect(lastValueFrom(client.send('echo', undefined))).rejects.toBeInstanceOf(Error);
    expect(client.stats().accepted).toBe(accepted);
  });

  it('answers an unknown pattern with an error', async () => {
    await expect(lastValueFrom(client.send('nobody', 1))).rejects.toContain('no matching message handler');
  });

  it('answers every one of 12,000 requests that are made at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12_000 }, (_, n) => lastValueFrom(client.send<number>('echo', n))),
    );
    expect(answers).toEqual(Array.from({ length: 12_000 }, (_, n) => n));
    expect(service.server.stats()).toMatchObject({ runningRequests: 0, inFlight: 0 });
  });

  it('lets a client of a user’s own decide what an error becomes', async () => {
    class DomainError extends Error {}
    class DomainClient extends ZmqClient {
      protected override serializeError(error: unknown): DomainError {
        return new DomainError((error as { message: string }).message);
      }
    }
    const own = new DomainClient({ pair: wiring.pair, connect: service.address });
    await expect(lastValueFrom(own.send('refuse', 1))).rejects.toEqual(new DomainError('refused'));
    await own.close();
  });
});

describe('a client without a server', () => {
  it('fails a request with a typed error, in its time', async () => {
    const client = new ZmqClient({
      pair: 'dealer-router',
      connect: 'tcp://127.0.0.1:1',
      connectTimeoutMs: 30,
    });
    await expect(lastValueFrom(client.send('echo', 1))).rejects.toMatchObject({
      name: PeerUnreachableError.name,
      code: 'ERR_ZMQ_PEER_UNREACHABLE',
    });
    await client.close();
  });
});
