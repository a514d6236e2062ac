import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { type ZmqClient, ZmqContext } from '../../src/index.js';
import { EVERY_WIRING } from '../harness/pairs.js';
import { type Service, ServiceScope } from '../harness/service.js';
import { until } from '../harness/until.js';

interface Seen {
  readonly by: string;
  readonly data: unknown;
  readonly pattern: string;
}

let seen: Seen[] = [];
const note = (by: string, data: unknown, context: ZmqContext): void => {
  seen.push({ by, data, pattern: context.getPattern() });
};

@Controller()
class FirstController {
  @EventPattern<unknown>('tick')
  first(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('first', data, context);
  }

  @EventPattern<unknown>('tick')
  second(@Payload() data: unknown, @Ctx() context: ZmqContext): Promise<void> {
    return Promise.resolve(note('second', data, context));
  }

  @EventPattern<unknown>({ kind: 'order', v: 1 })
  order(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('order', data, context);
  }

  @EventPattern<unknown>('count')
  count(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('count', data, context);
  }

  @EventPattern<unknown>('fails')
  fails(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('fails', data, context);
    throw new Error('as always');
  }
}

@Controller()
class SecondController {
  @EventPattern<unknown>('tick')
  third(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('third', data, context);
  }

  @EventPattern<unknown>(['one', 'two'])
  either(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('either', data, context);
  }

  @EventPattern<unknown>('prices.*')
  prices(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('prices.*', data, context);
  }

  @EventPattern<unknown>('prices.eth.*')
  ethPrices(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('prices.eth.*', data, context);
  }

  @MessagePattern<unknown>('prices.btc')
  btc(@Payload() data: unknown, @Ctx() context: ZmqContext): void {
    note('prices.btc', data, context);
  }
}

const by = (): string[] => seen.map((one) => one.by).toSorted();

describe.each(EVERY_WIRING)('events over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  let service: Service;
  let client: ZmqClient;

  beforeAll(async () => {
    service = await scope.start({ wiring, controllers: [FirstController, SecondController] });
    client = await service.connect();
  });

  beforeEach(() => {
    seen = [];
  });

  afterAll(() => scope.dispose());

  it('gives an event to every handler of its pattern, wherever it stands', async () => {
    client.emit('tick', { n: 1 });
    await until(() => seen.length === 3);
    expect(by()).toEqual(['first', 'second', 'third']);
    expect(seen.every(({ data, pattern }) => pattern === 'tick' && (data as { n: number }).n === 1)).toBe(
      true,
    );
  });

  it('finds handlers by object patterns whatever their order of keys, and by lists of patterns', async () => {
    client.emit({ v: 1, kind: 'order' }, 1);
    client.emit('one', 2);
    client.emit('two', 3);
    await until(() => seen.length === 3);
    expect(by()).toEqual(['either', 'either', 'order']);
  });

  it('lets the exact pattern go before a wildcard, and a longer wildcard before a shorter', async () => {
    client.emit('prices.btc', 1);
    client.emit('prices.eth.usdt', 2);
    client.emit('prices.sol', 3);
    await until(() => seen.length === 3);
    expect(seen.map((one) => [one.by, one.pattern])).toEqual([
      ['prices.btc', 'prices.btc'],
      ['prices.eth.*', 'prices.eth.usdt'],
      ['prices.*', 'prices.sol'],
    ]);
  });

  it('brings a burst of 12,000 events, all of them and in order', async () => {
    const before = { sent: client.stats().sent, received: service.server.stats().received };
    for (let n = 0; n < 12_000; n += 1) {
      client.emit('count', n);
    }
    await until(() => seen.length === 12_000);
    expect(seen.map(({ data }) => data)).toEqual(Array.from({ length: 12_000 }, (_, n) => n));
    expect(client.stats()).toMatchObject({ sent: before.sent + 12_000, queuedEvents: 0 });
    expect(service.server.stats()).toMatchObject({
      received: before.received + 12_000,
      missed: 0,
      inFlight: 0,
    });
  });

  it('sends without a subscriber, once, and completes for each that comes', async () => {
    const emitted = client.emit('count', 1);
    await until(() => seen.length === 1);
    await lastValueFrom(emitted, { defaultValue: undefined });
    await firstValueFrom(emitted, { defaultValue: undefined });
    client.emit('count', 2);
    await until(() => seen.some(({ data }) => data === 2));
    expect(seen.map(({ data }) => data)).toEqual([1, 2]);
  });

  it('refuses an event without a pattern or data, as Nest does', async () => {
    const { accepted } = client.stats();
    await expect(lastValueFrom(client.emit(undefined, 1))).rejects.toBeInstanceOf(Error);
    await expect(lastValueFrom(client.emit('tick', undefined))).rejects.toBeInstanceOf(Error);
    expect(client.stats().accepted).toBe(accepted);
  });

  it('goes on after a handler that throws, and counts it', async () => {
    client.emit('fails', 1);
    client.emit('count', 2);
    await until(() => seen.length === 2 && service.rejected.length === 1);
    expect(service.rejected[0]).toMatchObject({ reason: 'handler_failed' });
    expect(service.server.stats().rejected.handler_failed).toBe(1);
  });
});

describe.each(EVERY_WIRING)('broadcast over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it(`brings each event ${wiring.pair === 'pub-sub' ? 'to every server' : 'to one of the servers'}`, async () => {
    seen = [];
    const services = [1, 2, 3].map(() => scope.start({ wiring, controllers: [FirstController] }));
    const [first, second, third] = await Promise.all(services);
    if (first === undefined || second === undefined || third === undefined) {
      throw new Error('three services were started');
    }
    const client = await first.connect({ connect: [first.address, second.address, third.address] });
    await until(() => client.stats().peers === 3);
    const received = () => [first, second, third].map(({ server }) => server.stats().received);
    if (wiring.pair === 'pub-sub') {
      // A peer counts once it is connected, and gets events once its subscription has come too.
      await until(() => {
        client.emit('count', -1);
        return received().every((count) => count > 0);
      });
    }
    await until(() => client.stats().sent === client.stats().accepted);
    const early = client.stats().sent;
    for (let n = 0; n < 30; n += 1) {
      client.emit('count', n);
      await until(() => client.stats().sent === early + n + 1);
    }
    const numbers = () => seen.map(({ data }) => data as number).filter((n) => n >= 0);
    const each = wiring.pair === 'pub-sub' ? 3 : 1;
    await until(() => numbers().length >= 30 * each);
    const expected = Array.from({ length: 30 }, (_, n) => Array<number>(each).fill(n)).flat();
    expect(numbers().toSorted((a, b) => a - b)).toEqual(expected);
    expect(Math.min(...received())).toBeGreaterThanOrEqual(10 * each);
  });
});
