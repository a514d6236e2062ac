/** Start: nothing is handled before the application is ready, and every server that was registered listens. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  Controller,
  Injectable,
  Module,
  type INestApplication,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { connectZmqServer, ZmqClient, ZmqModule, ZmqServer } from '../../src/index.js';
import { until } from '../harness/until.js';

let ready: string[] = [];
let met: string[][] = [];
let app: INestApplication | undefined;
const clients: ZmqClient[] = [];

beforeEach(() => ([ready, met] = [[], []]));
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await app?.close();
});

@Injectable()
class SlowStore implements OnModuleInit, OnApplicationBootstrap {
  async onModuleInit(): Promise<void> {
    await delay(300);
    ready.push('initialised');
  }

  async onApplicationBootstrap(): Promise<void> {
    await delay(100);
    ready.push('bootstrapped');
  }
}

@Module({ providers: [SlowStore] })
class StoreModule {}

@Controller()
class TickController {
  @EventPattern<string>('tick')
  onTick(): void {
    met.push([...ready]);
  }
}

async function start(
  servers: readonly ZmqServer[],
  ...imports: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>
): Promise<INestApplication> {
  const module = await Test.createTestingModule({
    imports: [...imports, StoreModule],
    controllers: [TickController],
    providers: [SlowStore],
  }).compile();
  app = module.createNestApplication(new FastifyAdapter(), { logger: false });
  if (servers.length === 0) {
    connectZmqServer(app);
  }
  servers.forEach((server) => connectZmqServer(app as INestApplication, { server }));
  await app.startAllMicroservices();
  return app;
}

function emitTo(address: string | undefined, events: number): ZmqClient {
  const client = new ZmqClient({ connect: address ?? '' });
  clients.push(client);
  for (let n = 0; n < events; n += 1) {
    client.emit('tick', n);
  }
  return client;
}

const BIND = { bind: 'tcp://127.0.0.1:*' };
const READY = ['initialised', 'initialised', 'bootstrapped', 'bootstrapped'];

describe('a hybrid application in the README’s order', () => {
  it('handles nothing before it is ready, and then all that waited', async () => {
    const hybrid = await start([], ZmqModule.forRoot({ server: BIND }));
    const server = hybrid.get(ZmqServer, { strict: false });
    const client = emitTo(server.boundAddresses[0], 100);
    await until(() => client.stats().sent === 100);
    expect(server.isReceiving).toBe(false);
    await hybrid.init();
    expect(server.isReceiving).toBe(true);
    await until(() => met.length === 100);
    expect(new Set(met.map(String))).toEqual(new Set([String(READY)]));
  });

  it('with a server of its own, too', async () => {
    const server = new ZmqServer(BIND);
    const hybrid = await start([server]);
    const client = emitTo(server.boundAddresses[0], 10);
    await until(() => client.stats().sent === 10);
    expect(server.isReceiving).toBe(false);
    await hybrid.init();
    await until(() => met.length === 10);
    expect(met[0]).toEqual(READY);
  });

  it('that fails before it is ready closes, and has handled nothing', async () => {
    const hybrid = await start([], ZmqModule.forRoot({ server: BIND }));
    const server = hybrid.get(ZmqServer, { strict: false });
    const client = emitTo(server.boundAddresses[0], 10);
    await until(() => client.stats().sent === 10);
    expect(await server.drain()).toMatchObject({ received: 0, empty: false });
    expect(met).toEqual([]);
    expect(server.stats().state).toBe('closed');
  });
});

describe('two registrations of a server', () => {
  it('both listen', async () => {
    const hybrid = await start(
      [],
      ZmqModule.forRoot({ server: BIND }),
      ZmqModule.forRoot({ server: { ...BIND, maxInFlight: 7 } }),
    );
    await hybrid.init();
    const servers = hybrid
      .get(ZmqServer, { strict: false, each: true })
      .filter((server: ZmqServer) => server.isReceiving);
    expect(servers).toHaveLength(2);
    servers.forEach((server) => emitTo(server.boundAddresses[0], 1));
    await until(() => met.length === 2);
  });
});
