import {
  type CanActivate,
  Controller,
  Inject,
  Injectable,
  type INestApplication,
  Logger,
  Module,
  type PipeTransform,
} from '@nestjs/common';
import { ClientsModule, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { lastValueFrom } from 'rxjs';
import {
  connectZmqServer,
  type ConnectZmqServerOptions,
  InvalidOptionsError,
  ZmqClient,
  ZmqModule,
  ZmqServer,
} from '../../src/index.js';
import { until } from '../harness/until.js';

const OUT = Symbol('OUT');
const ADDRESSES = Symbol('ADDRESSES');

const doubled: PipeTransform = { transform: (value: unknown) => Number(value) * 2 };

@Controller()
class DoubleController {
  @MessagePattern<string>('same')
  same(@Payload() n: number): number {
    return n;
  }
}

async function startHybrid(
  options?: ConnectZmqServerOptions,
  setUp: (app: INestApplication) => void = () => undefined,
): Promise<{ app: INestApplication; address: string }> {
  const module = await Test.createTestingModule({
    imports: [ZmqModule.forRoot({ server: { pair: 'dealer-router', bind: 'tcp://127.0.0.1:*' } })],
    controllers: [DoubleController],
  }).compile();
  const app = module.createNestApplication(new FastifyAdapter(), { logger: false });
  setUp(app);
  connectZmqServer(app, options);
  await app.startAllMicroservices();
  await app.init();
  return { app, address: app.get(ZmqServer, { strict: false }).boundAddresses[0] ?? '' };
}

async function ask(address: string): Promise<number> {
  const client = new ZmqClient({ pair: 'dealer-router', connect: address });
  const answer = await lastValueFrom(client.send<number>('same', 4));
  await client.close();
  return answer;
}

describe('ZmqModule.forRootAsync', () => {
  it('makes clients and server from what other modules provide', async () => {
    const seen: unknown[] = [];

    @Module({
      providers: [{ provide: ADDRESSES, useValue: ['inproc://forRootAsync'] }],
      exports: [ADDRESSES],
    })
    class AddressModule {}

    @Injectable()
    class Sender {
      constructor(@Inject(OUT) readonly client: ZmqClient) {}
    }

    @Controller()
    class NoteController {
      @EventPattern<string>('note')
      onNote(@Payload() note: unknown): void {
        seen.push(note);
      }
    }

    const module = await Test.createTestingModule({
      imports: [
        ZmqModule.forRootAsync({
          imports: [AddressModule],
          clients: [
            {
              name: OUT,
              inject: [ADDRESSES],
              useFactory: (connect: string[]) => Promise.resolve({ connect }),
            },
          ],
          server: { inject: [ADDRESSES], useFactory: (bind: string[]) => ({ bind }) },
        }),
      ],
      providers: [Sender],
      controllers: [NoteController],
    }).compile();
    const app = module.createNestApplication(new FastifyAdapter(), { logger: false });
    connectZmqServer(app);
    await app.startAllMicroservices();
    await app.init();

    app.get(Sender).client.emit('note', { n: 1 });

    await until(() => seen.length === 1);
    expect(seen).toEqual([{ n: 1 }]);
    await app.close();
  });

  it('is global on demand: a module that imports nothing injects the client', async () => {
    @Injectable()
    class Inner {
      constructor(@Inject(OUT) readonly client: ZmqClient) {}
    }
    @Module({ providers: [Inner] })
    class InnerModule {}

    const zmq = ZmqModule.forRoot({ isGlobal: true, clients: [{ name: OUT, connect: 'inproc://global' }] });
    const module = await Test.createTestingModule({ imports: [zmq, InnerModule] }).compile();

    expect(module.get(Inner, { strict: false }).client).toBeInstanceOf(ZmqClient);
    await module.close();
  });

  it('refuses wrong options when the application starts', async () => {
    const zmq = ZmqModule.forRoot({ server: { bind: 'localhost:5555' } });
    await expect(Test.createTestingModule({ imports: [zmq] }).compile()).rejects.toThrow(InvalidOptionsError);
  });
});

describe('ClientsModule with customClass', () => {
  it('provides the client and closes it with the application', async () => {
    const module = await Test.createTestingModule({
      imports: [
        ClientsModule.register([
          { name: OUT, customClass: ZmqClient, options: { connect: 'inproc://plain' } },
        ]),
      ],
    }).compile();
    const client = module.get<ZmqClient>(OUT, { strict: false });
    await module.close();
    expect(client.linkState).toBe('closed');
  });
});

describe('connectZmqServer', () => {
  const warnings: unknown[] = [];

  beforeEach(() => {
    warnings.length = 0;
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => warnings.push(message));
  });
  afterEach(() => jest.restoreAllMocks());

  it('applies the application’s global pipes to ZeroMQ handlers, and warns of nothing', async () => {
    const { app, address } = await startHybrid({}, (hybrid) => hybrid.useGlobalPipes(doubled));
    expect(await ask(address)).toBe(8);
    expect(warnings).toEqual([]);
    await app.close();
  });

  it('warns when they are left out on purpose, naming what is', async () => {
    const guard: CanActivate = { canActivate: () => false };
    const { app, address } = await startHybrid({ inheritAppConfig: false }, (hybrid) =>
      hybrid.useGlobalPipes(doubled).useGlobalGuards(guard),
    );
    expect(await ask(address)).toBe(4);
    expect(warnings).toEqual([expect.stringContaining('global guards, pipes do not apply')]);
    await app.close();
  });

  it('has nothing to warn of in an application without any', async () => {
    const { app } = await startHybrid({ inheritAppConfig: false });
    expect(warnings).toEqual([]);
    await app.close();
  });
});
