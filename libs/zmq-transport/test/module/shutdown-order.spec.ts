import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Controller,
  Global,
  type INestApplicationContext,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { type AsyncMicroserviceOptions, EventPattern } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { connectZmqServer, ZmqClient, ZmqModule, ZmqServer } from '../../src/index.js';
import { until } from '../harness/until.js';

/** What happened, in its order; one app at a time. */
let story: string[] = [];

@Injectable()
class NearStore implements OnModuleDestroy {
  isOpen = true;
  onModuleDestroy(): void {
    this.isOpen = false;
    story.push('near destroyed');
  }
}

@Injectable()
class FarStore implements OnModuleDestroy {
  onModuleDestroy(): void {
    story.push('far destroyed');
  }
}

@Injectable()
class GlobalStore implements OnModuleDestroy {
  onModuleDestroy(): void {
    story.push('global destroyed');
  }
}

@Global()
@Module({ providers: [GlobalStore] })
class GlobalModule {}

@Module({ providers: [FarStore] })
class FarModule {}

@Module({ imports: [FarModule], providers: [NearStore], exports: [NearStore] })
class NearModule {}

@Controller()
class TickController implements OnModuleDestroy {
  constructor(
    @Inject(NearStore) private readonly store: NearStore,
    private readonly server: ZmqServer,
  ) {}

  @EventPattern<string>('tick')
  async onTick(): Promise<void> {
    story.push('handler began');
    await until(() => this.server.stats().state === 'draining' || story.length > 1);
    // Long enough for a shutdown that does not wait to overtake it.
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    story.push(this.store.isOpen ? 'handler ended' : 'handler ran on a destroyed store');
  }

  onModuleDestroy(): void {
    story.push('controller destroyed');
  }
}

const zmqServer = ZmqModule.forRoot({ server: { bind: 'tcp://127.0.0.1:*' } });

@Module({ imports: [zmqServer, NearModule, GlobalModule], controllers: [TickController] })
class ZmqFirst {}

@Module({ imports: [NearModule, GlobalModule, zmqServer], controllers: [TickController] })
class ZmqLast {}

@Module({ imports: [zmqServer], exports: [zmqServer] })
class Wrapper {}

@Module({ imports: [NearModule, GlobalModule, Wrapper], controllers: [TickController] })
class ZmqDeep {}

type Start = (root: new () => object) => Promise<INestApplicationContext>;

const hybrid: Start = async (root) => {
  const module = await Test.createTestingModule({ imports: [root] }).compile();
  const app = module.createNestApplication(new FastifyAdapter(), { logger: false });
  connectZmqServer(app);
  await app.startAllMicroservices();
  await app.init();
  return app;
};

const standalone: Start = async (root) => {
  const module = await Test.createTestingModule({ imports: [root] }).compile();
  const options: AsyncMicroserviceOptions = {
    inject: [ZmqServer],
    useFactory: (strategy: ZmqServer) => ({ strategy }),
  };
  const app = module.createNestMicroservice<AsyncMicroserviceOptions>({ ...options, logger: false });
  await app.listen();
  return app;
};

describe.each<[string, Start]>([
  ['hybrid', hybrid],
  ['standalone', standalone],
])('ZmqModule at the shutdown of a %s application', (_kind, start) => {
  it.each([[ZmqFirst], [ZmqLast], [ZmqDeep]])('drains before any provider is destroyed: %p', async (root) => {
    story = [];
    const app = await start(root);
    const server = app.get(ZmqServer, { strict: false });
    const client = new ZmqClient({ connect: [...server.boundAddresses] });
    client.emit('tick', 1);
    await until(() => story.includes('handler began'));

    await app.close();
    await client.close();

    expect(story.slice(0, 2)).toEqual(['handler began', 'handler ended']);
    expect(story.slice(2).toSorted()).toEqual([
      'controller destroyed',
      'far destroyed',
      'global destroyed',
      'near destroyed',
    ]);
    expect(server.isReceiving).toBe(false);
  });
});

describe('ZmqModule with clients', () => {
  const OUT = Symbol('OUT');

  @Injectable()
  class Farewell implements OnApplicationShutdown {
    constructor(@Inject(OUT) private readonly client: ZmqClient) {}

    onApplicationShutdown(): void {
      this.client.emit('tick', 'farewell');
    }
  }

  it('closes them after everybody else: what is emitted at shutdown still arrives', async () => {
    story = [];
    const receiver = await hybrid(ZmqFirst);
    const connect = [...receiver.get(ZmqServer, { strict: false }).boundAddresses];
    const module = await Test.createTestingModule({
      imports: [ZmqModule.forRoot({ clients: [{ name: OUT, connect }] })],
      providers: [Farewell],
    }).compile();
    const app = module.createNestApplication(new FastifyAdapter(), { logger: false });
    await app.init();
    const client = app.get<ZmqClient>(OUT, { strict: false });

    await client.connect();
    await until(() => client.linkState === 'connected');
    await app.close();

    expect(client.linkState).toBe('closed');
    expect(client.stats()).toMatchObject({ sent: 1, drops: { closed: 0 } });
    await until(() => story.includes('handler began'));
    await receiver.close();
    expect(story).toContain('handler ended');
  });
});
