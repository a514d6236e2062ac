import { Controller, Inject, Injectable, Scope } from '@nestjs/common';
import {
  CONTEXT,
  EventPattern,
  MessagePattern,
  Payload,
  type RequestContext,
  Transport,
} from '@nestjs/microservices';
import { concat, defer, EMPTY, lastValueFrom, type Observable, of, throwError, toArray } from 'rxjs';
import { BatchEventPattern, ZMQ_TRANSPORT, ZmqContext } from '../../src/index.js';
import { EVERY_WIRING, REQUEST_WIRINGS } from '../harness/pairs.js';
import { type Service, ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { until } from '../harness/until.js';

let seen: string[] = [];
beforeEach(() => {
  seen = [];
});

@Injectable({ scope: Scope.REQUEST })
class PerMessage {
  private static made = 0;
  readonly number: number;

  constructor(@Inject(CONTEXT) private readonly message: RequestContext<unknown, ZmqContext>) {
    PerMessage.made += 1;
    this.number = PerMessage.made;
  }

  describe(): string {
    return `${this.message.getContext().getPattern()}:${JSON.stringify(this.message.getData())}`;
  }
}

@Controller()
class ScopedController {
  constructor(private readonly perMessage: PerMessage) {}

  @EventPattern<unknown>('scoped')
  event(): void {
    seen.push(`${this.perMessage.number} ${this.perMessage.describe()}`);
  }

  @EventPattern<unknown>('scoped')
  again(): void {
    seen.push(`${this.perMessage.number} again`);
  }

  @BatchEventPattern('scoped batch')
  batch(): void {
    seen.push(this.perMessage.describe());
  }

  @MessagePattern<unknown>('scoped request')
  request(): string {
    return this.perMessage.describe();
  }
}

describe.each(EVERY_WIRING)('request-scoped handlers over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('are made once a message, which they can ask for', async () => {
    const service = await scope.start({ wiring, controllers: [ScopedController], providers: [PerMessage] });
    const client = await service.connect();
    client.emit('scoped', 1);
    await until(() => seen.length === 2);
    client.emit('scoped', 2);
    await until(() => seen.length === 4);
    const numbers = seen.map((text) => Number.parseInt(text, 10));
    expect(numbers[0]).toBe(numbers[1]);
    expect(numbers[2]).toBe(numbers[3]);
    expect(numbers[2]).not.toBe(numbers[0]);
    expect(seen.filter((text) => text.includes('scoped:'))).toHaveLength(2);
    client.emit('scoped batch', 3);
    await until(() => seen.length === 5);
    expect(seen[4]).toBe('scoped batch:[3]');
  });
});

describe.each(REQUEST_WIRINGS)('request-scoped request handlers over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('are made for each request', async () => {
    const service = await scope.start({ wiring, controllers: [ScopedController], providers: [PerMessage] });
    const client = await service.connect();
    const answers = await Promise.all([1, 2, 3].map((n) => lastValueFrom(client.send('scoped request', n))));
    expect(answers).toEqual(['scoped request:1', 'scoped request:2', 'scoped request:3']);
  });
});

@Controller()
class ExtrasController {
  @EventPattern<unknown>('ours', ZMQ_TRANSPORT, { topic: 'x' })
  ours(): void {
    seen.push('ours');
  }

  @EventPattern<unknown>('theirs', Transport.TCP)
  theirs(): void {
    seen.push('theirs');
  }

  @MessagePattern<unknown>('asked', { retries: 3 })
  asked(): void {}

  @BatchEventPattern('many', { size: 9 })
  many(): void {}
}

describe('handler extras and transport ids', () => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('are kept with the handler; a handler of another transport is left out', async () => {
    const service = await scope.start({ controllers: [ExtrasController] });
    const handlers = service.server.getHandlers();
    expect(handlers.get('ours')?.extras).toEqual({ topic: 'x' });
    expect(handlers.get('asked')?.extras).toEqual({ retries: 3 });
    expect(handlers.has('theirs')).toBe(false);
    const client = await service.connect();
    client.emit('theirs', 1);
    client.emit('ours', 2);
    await until(() => seen.length === 1);
    expect(seen).toEqual(['ours']);
    expect(service.rejected).toMatchObject([{ reason: 'no_handler' }]);
  });
});

@Controller()
class HookedController {
  @EventPattern<unknown>('event')
  event(@Payload() how: string): void | Promise<void> | Observable<unknown> {
    seen.push('handler');
    const finished = defer(() => {
      seen.push('stream ended');
      return EMPTY;
    });
    switch (how) {
      case 'throws':
        throw new Error('wrong');
      case 'rejects':
        return Promise.reject(new Error('wrong'));
      case 'streams':
        return concat(of(1), new Promise<number>((resolve) => setImmediate(resolve, 2)), finished);
      case 'fails late':
        return concat(
          of(1),
          throwError(() => new Error('late')),
        );
      default:
        return undefined;
    }
  }

  @MessagePattern<unknown>('request')
  request(@Payload() how: string): unknown {
    return this.event(how) ?? 'done';
  }

  @BatchEventPattern('batch')
  batch(): void {
    seen.push('handler');
  }
}

describe('processing hooks', () => {
  const scope = new ServiceScope();
  let service: Service;

  beforeEach(async () => {
    service = await scope.start({
      wiring: TCP_DEALER_ROUTER,
      controllers: [HookedController],
      configure: (_app, server) => {
        server.setOnProcessingStartHook((transportId, context, done) => {
          seen.push(`start ${String(transportId === ZMQ_TRANSPORT)} ${(context as ZmqContext).getPattern()}`);
          return done();
        });
        server.setOnProcessingEndHook((_id, context) =>
          seen.push(`end ${(context as ZmqContext).getPattern()}`),
        );
      },
    });
  });

  afterEach(() => scope.dispose());

  it.each(['returns', 'throws', 'rejects', 'fails late'])(
    'fire once around an event whose handler %s',
    async (how) => {
      const client = await service.connect();
      client.emit('event', how);
      await until(() => seen.includes('end event') && service.server.stats().inFlight === 0);
      expect(seen).toEqual(['start true event', 'handler', 'end event']);
      expect(service.rejected).toHaveLength(how === 'returns' ? 0 : 1);
    },
  );

  it('end with the stream that an event handler returns, not before it', async () => {
    const client = await service.connect();
    client.emit('event', 'streams');
    await until(() => seen.includes('end event') && seen.includes('stream ended'));
    expect(seen).toEqual(['start true event', 'handler', 'stream ended', 'end event']);
  });

  it('fire once around a batch', async () => {
    const client = await service.connect();
    client.emit('batch', 1);
    await until(() => seen.includes('end batch'));
    expect(seen).toEqual(['start true batch', 'handler', 'end batch']);
  });

  it.each(['returns', 'throws', 'rejects', 'fails late', 'streams'])(
    'fire once around a request whose handler %s',
    async (how) => {
      const client = await service.connect();
      await lastValueFrom(client.send('request', how).pipe(toArray())).catch((error: unknown) => error);
      await until(() => seen.includes('end request'));
      expect(seen.filter((text) => text.startsWith('start'))).toEqual(['start true request']);
      expect(seen.filter((text) => text.startsWith('end'))).toEqual(['end request']);
      expect(seen.at(-1)).toBe('end request');
    },
  );
});
