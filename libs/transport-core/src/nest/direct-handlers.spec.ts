import {
  type CanActivate,
  Controller,
  Injectable,
  type INestMicroservice,
  Module,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
  Scope,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, type ModulesContainer } from '@nestjs/core';
import {
  BaseRpcExceptionFilter,
  Ctx,
  EventPattern,
  type MessageHandler,
  MessagePattern,
  NestMicroservice,
  Payload,
  RpcException,
  Server,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { concat, isObservable, lastValueFrom, of, throwError, toArray } from 'rxjs';
import { DirectHandlers, type HandlingApp } from './direct-handlers.js';

/** A strategy that only keeps the handlers that Nest registers. */
class Keeper extends Server<Record<string, () => void>> {
  override readonly propagatesEventHandlerErrors = true;

  override listen(callback: () => void): void {
    callback();
  }

  override close(): void {}

  override on(): void {}

  override unwrap<T>(): T {
    throw new Error('there is nothing inside');
  }
}

const guard: CanActivate = { canActivate: () => true };
const pipe: PipeTransform = { transform: (value: unknown) => value };
const interceptor: NestInterceptor = { intercept: (_context, next) => next.handle() };
@Injectable()
class Filter extends BaseRpcExceptionFilter {}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

const apps: INestMicroservice[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

interface Started {
  readonly handler: (pattern: string) => MessageHandler;
  readonly direct: (pattern: string) => MessageHandler;
}

/** Starts an application of these controllers. */
async function start(
  controllers: Type[],
  {
    providers = [],
    imports = [],
    configure = () => undefined,
  }: {
    providers?: Provider[];
    imports?: Type[];
    configure?: (app: INestMicroservice) => unknown;
  } = {},
): Promise<Started> {
  const strategy = new Keeper();
  const module = await Test.createTestingModule({ controllers, providers, imports }).compile();
  const app = module.createNestMicroservice({ strategy, logger: false });
  apps.push(app);
  configure(app);
  await app.listen();
  const directHandlers = new DirectHandlers(app as unknown as HandlingApp);
  const handler = (pattern: string): MessageHandler => {
    const found = strategy.getHandlers().get(pattern);
    if (found === undefined) throw new Error(`there is no handler for ${pattern}`);
    return found;
  };
  return { handler, direct: (pattern) => directHandlers.of(handler(pattern)) };
}

@Controller()
class PlainController {
  private readonly own = 'own';

  @EventPattern<string>('undecorated')
  undecorated(...args: unknown[]): unknown[] {
    return [this.own, ...args];
  }

  @EventPattern<string>('payload')
  payload(@Payload() data: unknown): unknown[] {
    return [this.own, data];
  }

  @EventPattern<string>('context')
  context(@Ctx() context: unknown): unknown[] {
    return [this.own, context];
  }

  @EventPattern<string>('both')
  both(@Payload() data: unknown, @Ctx() context: unknown): unknown[] {
    return [this.own, data, context];
  }

  @MessagePattern<string>('both, the other way')
  otherWay(@Ctx() context: unknown, @Payload() data: unknown): unknown[] {
    return [this.own, context, data];
  }

  @EventPattern<unknown>(['one', 'two'])
  either(@Payload() data: unknown): unknown[] {
    return [this.own, data];
  }

  @EventPattern<string>('promise')
  promise(data: unknown): Promise<unknown> {
    return Promise.resolve([this.own, data]);
  }

  @MessagePattern<string>('stream')
  stream(data: unknown): unknown {
    return of(1, data);
  }

  @MessagePattern<string>('promise of a stream')
  promiseOfStream(data: unknown): unknown {
    return Promise.resolve(of(1, data));
  }

  @EventPattern<string>('throws')
  throws(): void {
    throw new Error('not for everybody');
  }

  @EventPattern<string>('throws an RpcException')
  throwsRpc(): void {
    throw new RpcException({ code: 7 });
  }

  @EventPattern<string>('rejects')
  rejects(): unknown {
    return Promise.reject(new RpcException('told'));
  }

  @EventPattern<string>('fails in a stream')
  failsInStream(): unknown {
    return concat(
      of(1),
      throwError(() => new RpcException('told')),
    );
  }

  @EventPattern<string>('fails in a promised stream')
  failsInPromisedStream(): unknown {
    return Promise.resolve(throwError(() => new Error('not for everybody')));
  }
}

const DATA = { a: 1 };
const CONTEXT = { of: 'the event' };

/** What a handler's caller gets in the end. */
async function outcomeOf(handler: MessageHandler): Promise<unknown> {
  const result: unknown = await handler(DATA, CONTEXT);
  if (!isObservable(result)) return { value: result };
  return lastValueFrom(result.pipe(toArray())).then(
    (values) => ({ values }),
    (error: unknown) => ({ error }),
  );
}

describe('a handler without enhancers', () => {
  it.each([
    'undecorated',
    'payload',
    'context',
    'both',
    'both, the other way',
    'one',
    'two',
    'promise',
    'stream',
    'promise of a stream',
    'throws',
    'throws an RpcException',
    'rejects',
    'fails in a stream',
    'fails in a promised stream',
  ])('is called directly and ends as it does with Nest: %s', async (pattern) => {
    const { handler, direct } = await start([PlainController]);
    expect(direct(pattern)).not.toBe(handler(pattern));
    const outcome = await outcomeOf(direct(pattern));
    expect(outcome).toEqual(await outcomeOf(handler(pattern)));
    expect(outcome).not.toEqual({ value: undefined });
  });

  it('gives its value at once, without a promise', async () => {
    const { direct } = await start([PlainController]);
    expect(direct('both')(DATA, CONTEXT)).toEqual(['own', DATA, CONTEXT]);
  });
});

@Controller()
class PartlyController {
  @UseGuards(guard)
  @EventPattern<string>('guard')
  guard(): void {}

  @UsePipes(pipe)
  @EventPattern<string>('pipe')
  pipe(): void {}

  @UseInterceptors(interceptor)
  @EventPattern<string>('interceptor')
  interceptor(): void {}

  @UseFilters(Filter)
  @EventPattern<string>('filter')
  filter(): void {}

  @EventPattern<string>('a pipe of a parameter')
  parameterPipe(@Payload(pipe) _data: unknown): void {}

  @EventPattern<string>('a part of the payload')
  part(@Payload('a') _a: unknown): void {}

  @EventPattern<string>('two parts of the payload')
  twoParts(@Payload('a') _a: unknown, @Payload() _data: unknown): void {}

  @EventPattern<string>('a gap')
  gap(_first: unknown, @Payload() _data: unknown): void {}

  @EventPattern<string>('replaced')
  replaced(): void {}

  @EventPattern<string>('twice')
  first(): void {}

  @EventPattern<string>('twice')
  second(): void {}

  constructor() {
    this.replaced = () => undefined;
  }
}

@Controller()
@UseGuards(guard)
class GuardedController {
  @EventPattern<string>('a guard of the class')
  handle(): void {}
}

@Controller()
class InheritingController extends GuardedController {
  @EventPattern<string>('a guard of the class above')
  another(): void {}
}

@Controller()
class RequestController {
  constructor(readonly perRequest: PerRequest) {}

  @EventPattern<string>('request scope')
  handle(): void {}
}
Reflect.defineMetadata('design:paramtypes', [PerRequest], RequestController);

@Module({ controllers: [PlainController] })
class AnotherModule {}

describe('a handler that needs Nest’s pipeline keeps it:', () => {
  it.each([
    'guard',
    'pipe',
    'interceptor',
    'filter',
    'a pipe of a parameter',
    'a part of the payload',
    'two parts of the payload',
    'a gap',
    'replaced',
    'twice',
    'a guard of the class',
    'a guard of the class above',
    'request scope',
  ])('%s', async (pattern) => {
    const { handler, direct } = await start([PartlyController, InheritingController, RequestController], {
      providers: [PerRequest],
    });
    expect(direct(pattern)).toBe(handler(pattern));
  });

  it('one whose class is in two modules', async () => {
    const { handler, direct } = await start([PlainController], { imports: [AnotherModule] });
    expect(direct('stream')).toBe(handler('stream'));
  });

  // Nest 11 has no such hook.
  const withHook: [string, (app: INestMicroservice) => unknown][] =
    'registerPreRequestHook' in NestMicroservice.prototype
      ? [['hook before requests', (app) => app.registerPreRequestHook((_context, next) => next())]]
      : [];

  it.each<[string, (app: INestMicroservice) => unknown]>([
    ...withHook,
    ['guard', (app) => app.useGlobalGuards(guard)],
    ['pipe', (app) => app.useGlobalPipes(pipe)],
    ['interceptor', (app) => app.useGlobalInterceptors(interceptor)],
    ['filter', (app) => app.useGlobalFilters(new Filter())],
  ])('all, when the application has a global %s', async (_kind, configure) => {
    const { handler, direct } = await start([PlainController], { configure });
    expect(direct('both')).toBe(handler('both'));
  });

  it.each<[string, Provider]>([
    ['APP_GUARD', { provide: APP_GUARD, useValue: guard }],
    ['APP_PIPE', { provide: APP_PIPE, useValue: pipe }],
    ['APP_INTERCEPTOR', { provide: APP_INTERCEPTOR, useValue: interceptor }],
    ['APP_FILTER', { provide: APP_FILTER, useClass: Filter }],
    ['APP_GUARD of request scope', { provide: APP_GUARD, useFactory: () => guard, scope: Scope.REQUEST }],
  ])('all, when a module provides %s', async (_name, provider) => {
    const { handler, direct } = await start([PlainController], { providers: [provider] });
    expect(direct('both')).toBe(handler('both'));
  });

  it('all, when the application does not show its global enhancers', async () => {
    const module = await Test.createTestingModule({ controllers: [PlainController] }).compile();
    const { handler } = await start([PlainController]);
    const app = { get: (token: typeof ModulesContainer) => module.get(token) };
    expect(new DirectHandlers(app).of(handler('both'))).toBe(handler('both'));
  });
});
