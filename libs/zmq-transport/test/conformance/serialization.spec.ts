import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload, type ReadPacket } from '@nestjs/microservices';
import { from, lastValueFrom, type Observable, toArray } from 'rxjs';
import type { Codec, EncodedValue } from '../../src/index.js';
import { EVERY_WIRING, REQUEST_WIRINGS } from '../harness/pairs.js';
import { ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { until } from '../harness/until.js';

let seen: unknown[] = [];
beforeEach(() => {
  seen = [];
});

@Controller()
class PlainController {
  @EventPattern<unknown>('event')
  event(@Payload() data: unknown): void {
    seen.push(data);
  }

  @MessagePattern<unknown>('numbers')
  numbers(@Payload() numbers: number[]): Observable<number> {
    return from(numbers);
  }
}

/** Takes longer for some values than for others. */
async function afterSomeTurns<T>(turns: number, value: T): Promise<T> {
  for (let turn = 0; turn < turns; turn += 1) {
    await Promise.resolve();
  }
  return value;
}

const NUMBERS = Array.from({ length: 60 }, (_, n) => n);

describe.each(EVERY_WIRING)('asynchronous serializers and deserializers over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('are awaited on both sides, and events keep their order', async () => {
    const service = await scope.start({
      wiring,
      controllers: [PlainController],
      server: {
        deserializer: {
          deserialize: ({ p, d }: { p: string; d: number }) =>
            afterSomeTurns((d * 3) % 5, { pattern: p, data: d }),
        },
      },
    });
    const client = await service.connect({
      serializer: {
        serialize: ({ pattern, data }: ReadPacket<number>) =>
          afterSomeTurns((data * 7) % 11, { p: pattern as string, d: data }),
      },
    });
    for (const n of NUMBERS) {
      client.emit('event', n);
    }
    await until(() => seen.length === NUMBERS.length);
    expect(seen).toEqual(NUMBERS);
  });

  it('that fail harm their own event alone', async () => {
    const service = await scope.start({
      wiring,
      controllers: [PlainController],
      server: {
        deserializer: {
          deserialize: async (packet: ReadPacket<number>) => {
            if (packet.data === 2) {
              throw new Error('cannot read a two');
            }
            return packet;
          },
        },
      },
    });
    const client = await service.connect({
      serializer: {
        serialize: async (packet: ReadPacket<number>) => {
          if (packet.data === 1) {
            throw new Error('cannot write a one');
          }
          return packet;
        },
      },
    });
    const emits = await Promise.allSettled(
      [0, 1, 2, 3].map((n) => lastValueFrom(client.emit('event', n), { defaultValue: 'accepted' })),
    );
    expect(emits.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    await until(() => seen.length === 2 && service.rejected.length === 1);
    expect(seen).toEqual([0, 3]);
    expect(service.rejected).toMatchObject([{ reason: 'malformed', detail: 'cannot read a two' }]);
  });
});

describe.each(REQUEST_WIRINGS)('serializers and deserializers of answers over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('are awaited when they are asynchronous, and the values of a stream keep their order', async () => {
    const service = await scope.start({
      wiring,
      controllers: [PlainController],
      server: {
        serializer: {
          serialize: (reply: { response?: number }) =>
            afterSomeTurns(((reply.response ?? 0) * 7) % 11, { wrapped: reply }),
        },
      },
    });
    const client = await service.connect({
      deserializer: {
        deserialize: ({ wrapped }: { wrapped: { response?: number } }) =>
          afterSomeTurns(((wrapped.response ?? 0) * 3) % 5, wrapped),
      },
    });
    expect(await lastValueFrom(client.send('numbers', NUMBERS).pipe(toArray()))).toEqual(NUMBERS);
  });

  it.each([
    ['throws', (reply: unknown) => reply],
    ['rejects', (reply: unknown) => Promise.resolve(reply)],
  ])('lose one answer when a deserializer %s, and not the connection', async (how, pass) => {
    let faults = 1;
    const service = await scope.start({ wiring, controllers: [PlainController] });
    const client = await service.connect({
      requestTimeoutMs: 200,
      deserializer: {
        deserialize: (reply: unknown) => {
          if (faults > 0) {
            faults -= 1;
            const error = new Error('cannot read this answer');
            if (how === 'throws') {
              throw error;
            }
            return Promise.reject(error);
          }
          return pass(reply);
        },
      },
    });
    await expect(lastValueFrom(client.send('numbers', [1]))).rejects.toMatchObject({
      code: 'ERR_ZMQ_REQUEST_TIMEOUT',
    });
    expect(await lastValueFrom(client.send('numbers', [2]))).toBe(2);
  });
});

/** Another format than JSON: base64 lines, and a count of its own. */
class LineCodec implements Codec<string> {
  decoded = 0;

  encode(value: unknown): EncodedValue<string> {
    const part = Buffer.from(JSON.stringify(value)).toString('base64');
    return { part, bytes: part.length };
  }

  join(parts: readonly string[]): string {
    return parts.join('\n');
  }

  decode(frame: Buffer): unknown {
    this.decoded += 1;
    const values = frame
      .toString()
      .split('\n')
      .map((line) => JSON.parse(Buffer.from(line, 'base64').toString()) as unknown);
    return values.length === 1 ? values[0] : values;
  }
}

describe.each(EVERY_WIRING)('a codec of a user’s own over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('carries events, alone and in batches', async () => {
    const codec = new LineCodec();
    const service = await scope.start({ wiring, controllers: [PlainController], server: { codec } });
    const client = await service.connect({ codec: new LineCodec() });
    for (const n of NUMBERS) {
      client.emit('event', n);
    }
    await until(() => seen.length === NUMBERS.length);
    expect(seen).toEqual(NUMBERS);
    expect(codec.decoded).toBe(service.server.stats().batches - (wiring.pair === 'dealer-router' ? 1 : 0));
    expect(codec.decoded).toBeLessThan(NUMBERS.length);
  });
});

describe('a codec of a user’s own', () => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('carries requests and answers', async () => {
    const service = await scope.start({
      wiring: TCP_DEALER_ROUTER,
      controllers: [PlainController],
      server: { codec: new LineCodec() },
    });
    const client = await service.connect({ codec: new LineCodec() });
    expect(await lastValueFrom(client.send('numbers', [1, 2, 3]).pipe(toArray()))).toEqual([1, 2, 3]);
  });
});
