import { Controller, Inject, Injectable, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxy, ClientsModule, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { lastValueFrom } from 'rxjs';
import { ClientClosedError, ZmqClient, type ZmqClientOptions, ZmqServer } from '../../src/index.js';
import { EVERY_WIRING, freshBind, REQUEST_WIRINGS } from '../harness/pairs.js';
import { ServiceScope } from '../harness/service.js';
import { until } from '../harness/until.js';

let seen: unknown[] = [];
beforeEach(() => {
  seen = [];
});

@Controller()
class EchoController {
  @EventPattern<unknown>('event')
  event(@Payload() data: unknown): void {
    seen.push(data);
  }

  @MessagePattern<unknown>('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

const ADDRESS = Symbol('ADDRESS');

@Injectable()
class Caller {
  constructor(@Inject('CLIENT') readonly client: ClientProxy) {}
}

describe.each(EVERY_WIRING)('ClientsModule over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('makes the client by an asynchronous factory, and closes it with the app', async () => {
    const service = await scope.start({ wiring, controllers: [EchoController] });

    @Module({ providers: [{ provide: ADDRESS, useValue: service.address }], exports: [ADDRESS] })
    class AddressModule {}

    const module = await Test.createTestingModule({
      imports: [
        ClientsModule.registerAsync([
          {
            name: 'CLIENT',
            imports: [AddressModule],
            inject: [ADDRESS],
            useFactory: async (connect: string) => {
              await Promise.resolve();
              const options: ZmqClientOptions = { pair: wiring.pair, connect };
              return { customClass: ZmqClient, options };
            },
          },
        ]),
      ],
      providers: [Caller],
    }).compile();
    await module.init();
    const { client } = module.get(Caller);
    expect(client).toBeInstanceOf(ZmqClient);
    await client.connect();
    await until(() => (client as ZmqClient).linkState === 'connected');
    client.emit('event', 1);
    await until(() => seen.length === 1);
    await module.close();
    await until(() => (client as ZmqClient).linkState === 'closed');
    await expect(lastValueFrom(client.emit('event', 2))).rejects.toBeInstanceOf(ClientClosedError);
  });
});

describe.each(EVERY_WIRING)('close and connect over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('leave a client that works, also when it is closed while it connects', async () => {
    const service = await scope.start({ wiring, controllers: [EchoController] });
    const client = new ZmqClient({ pair: wiring.pair, connect: service.address });
    for (const n of [1, 2, 3]) {
      const connecting = client.connect().catch((error: unknown) => error);
      await client.close();
      const outcome = await connecting;
      expect(outcome === undefined || outcome instanceof ClientClosedError).toBe(true);
      await client.connect();
      await until(() => client.linkState === 'connected');
      client.emit('event', n);
      await until(() => seen.length === n);
      await client.close();
      expect(client.linkState).toBe('closed');
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('can both be called without waiting, and the last one wins', async () => {
    const service = await scope.start({ wiring, controllers: [EchoController] });
    const client = new ZmqClient({ pair: wiring.pair, connect: service.address });
    const first = client.connect().catch((error: unknown) => error);
    const closing = client.close();
    const second = client.connect();
    await Promise.all([first, closing, second]);
    await until(() => client.linkState === 'connected');
    client.emit('event', 'after');
    await until(() => seen.length === 1);
    expect(seen).toEqual(['after']);
    await client.close();
  });

  it('leave a binding client that works, also when it is closed while it binds', async () => {
    const bind = freshBind('ipc');
    const client = new ZmqClient({ pair: wiring.pair, bind });
    const opening = client.open().catch((error: unknown) => error);
    await client.close();
    await opening;
    expect(client.linkState).toBe('closed');
    await client.open();
    await scope.start({ wiring, controllers: [EchoController], server: { connect: bind } });
    await until(() => client.linkState === 'connected');
    client.emit('event', 'after');
    await until(() => seen.length === 1);
    expect(seen).toEqual(['after']);
    await client.close();
  });
});

describe.each(REQUEST_WIRINGS)('a client that is closed over $pair, $network', (wiring) => {
  const scope = new ServiceScope();
  afterEach(() => scope.dispose());

  it('refuses requests until it is connected again', async () => {
    const service = await scope.start({ wiring, controllers: [EchoController] });
    const client = new ZmqClient({ pair: wiring.pair, connect: service.address });
    expect(await lastValueFrom(client.send('echo', 1))).toBe(1);
    await client.close();
    await expect(lastValueFrom(client.send('echo', 2))).rejects.toBeInstanceOf(ClientClosedError);
    await client.connect();
    expect(await lastValueFrom(client.send('echo', 3))).toBe(3);
    await client.close();
  });
});

class CollectingLogger implements LoggerService {
  readonly messages: string[] = [];
  log(message: unknown): void {
    this.messages.push(String(message));
  }
  error(message: unknown): void {
    this.messages.push(String(message));
  }
  warn(message: unknown): void {
    this.messages.push(String(message));
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

describe.each(EVERY_WIRING)('a service with buffered logs over $pair, $network', ({ pair, network }) => {
  it('says nothing before init, and everything by listen', async () => {
    const logger = new CollectingLogger();
    const strategy = new ZmqServer({ pair, bind: freshBind(network) });
    const app = await NestFactory.createMicroservice(EchoModule, { strategy, bufferLogs: true, logger });
    expect(logger.messages).toEqual([]);
    await app.listen();
    expect(logger.messages).toContain('Starting Nest application...');
    expect(logger.messages).toContain('Nest microservice successfully started');
    await app.close();
  });
});

// Of a hybrid application, Nest 11 itself keeps a listener.
const describeHooks = 'setOnDispatchHook' in ClientProxy.prototype ? describe : describe.skip;

describeHooks('shutdown hooks', () => {
  it('leave no listener for a signal behind, in a hybrid app', async () => {
    const before = process.listenerCount('SIGTERM');
    const app = await NestFactory.create(EchoModule, new FastifyAdapter(), { logger: false });
    const strategy = new ZmqServer({ bind: freshBind('tcp') });
    const service = app.connectMicroservice({ strategy }, { inheritAppConfig: true });
    service.enableShutdownHooks(['SIGTERM']);
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await app.startAllMicroservices();
    await app.close();
    expect(process.listenerCount('SIGTERM')).toBe(before);
    expect(strategy.isReceiving).toBe(false);
  });
});

describe('status', () => {
  it('tells a late listener of either side its last value', async () => {
    const scope = new ServiceScope();
    const service = await scope.start({ controllers: [EchoController] });
    const client = await service.connect();
    const states: string[] = [];
    service.server.status.subscribe((state) => states.push(state));
    client.status.subscribe((state) => states.push(state));
    expect(states).toEqual(['listening', 'connected']);
    await scope.dispose();
    expect(states.toSorted()).toEqual(['closed', 'closed', 'connected', 'draining', 'listening']);
  });
});
