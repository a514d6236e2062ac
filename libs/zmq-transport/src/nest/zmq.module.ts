import {
  type DynamicModule,
  type FactoryProvider,
  type INestApplication,
  type INestMicroservice,
  Inject,
  type InjectionToken,
  Logger,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ZmqClient } from '../client/zmq.client.js';
import { ZmqServer } from '../server/zmq.server.js';
import type { ZmqClientOptions, ZmqServerOptions } from '../zmq.options.js';

/** A client and the token it is injected by: `@Inject(name) client: ZmqClient`. */
export interface NamedZmqClientOptions extends ZmqClientOptions {
  name: InjectionToken;
}

/** Options of `ZmqModule.forRoot`. */
export interface ZmqModuleOptions {
  clients?: readonly NamedZmqClientOptions[];
  /** Provides a `ZmqServer`; `connectZmqServer(app)` makes it listen. */
  server?: ZmqServerOptions;
  /** Lets every module inject the clients and the server. @default false */
  isGlobal?: boolean;
}

/** A factory of options, with what is injected into it. */
export type ZmqOptionsFactory<TOptions> = Pick<FactoryProvider<TOptions>, 'inject' | 'useFactory'>;

/** A client whose options are made by a factory. */
export interface NamedZmqClientFactory extends ZmqOptionsFactory<ZmqClientOptions> {
  name: InjectionToken;
}

/** Options of `ZmqModule.forRootAsync`. */
export interface ZmqModuleAsyncOptions {
  /** Modules whose exports the factories inject. */
  imports?: ModuleMetadata['imports'];
  clients?: readonly NamedZmqClientFactory[];
  server?: ZmqOptionsFactory<ZmqServerOptions>;
  /** Lets every module inject the clients and the server. @default false */
  isGlobal?: boolean;
}

/** All clients of one registration. */
const CLIENTS = Symbol('ZMQ_CLIENTS');
const AFTER_ALL_OTHERS = Number.POSITIVE_INFINITY;

/**
 * Provides the clients, and closes them last of all: HTTP is closed by then, and what other modules emit in their own
 * `onApplicationShutdown` still leaves. Nest shuts the modules down in the order of their distance from the root.
 */
@Module({})
export class ZmqClientsModule implements OnApplicationShutdown {
  constructor(
    @Inject(CLIENTS) private readonly clients: readonly ZmqClient[],
    modules: ModulesContainer,
  ) {
    for (const module of modules.values()) {
      if (module.metatype === ZmqClientsModule) {
        module.distance = AFTER_ALL_OTHERS;
      }
    }
  }

  static register(
    factories: readonly NamedZmqClientFactory[],
    { imports }: Pick<ZmqModuleAsyncOptions, 'imports'>,
  ): DynamicModule {
    const tokens = factories.map(({ name }) => name);
    const providers = factories.map(({ name, inject, useFactory }) => ({
      provide: name,
      inject: inject ?? [],
      useFactory: async (...args: unknown[]) =>
        new ZmqClient(await (useFactory as (...args: unknown[]) => ReturnType<typeof useFactory>)(...args)),
    }));
    const all = { provide: CLIENTS, inject: tokens, useFactory: (...clients: ZmqClient[]) => clients };
    return {
      module: ZmqClientsModule,
      imports: imports ?? [],
      providers: [...providers, all],
      exports: tokens,
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }
}

/** Nest's root module is at 0, everything it imports further away. */
const BEFORE_ALL_OTHERS = -1;

/**
 * Provides the server, and ends its intake before any provider is destroyed.
 *
 * Nest closes transports only after `onModuleDestroy` and `beforeApplicationShutdown`, so handlers would run on what is
 * already destroyed. It destroys modules one after the other, in the order of their distance from the root, and waits
 * for each: the module that is nearest of all drains while all the others are still whole. The distance is set in the
 * constructor, because Nest sorts the modules when it calls the first lifecycle hook, and keeps that order.
 *
 * A hybrid application listens over ZeroMQ before its providers are initialised: nothing is received until the last hook of
 * the start has ended, which is this one's.
 */
@Module({})
export class ZmqServerModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    readonly server: ZmqServer,
    modules: ModulesContainer,
  ) {
    server.hold();
    for (const module of modules.values()) {
      if (module.metatype === ZmqServerModule) {
        module.distance = BEFORE_ALL_OTHERS;
      }
    }
  }

  static register(
    { inject, useFactory }: ZmqOptionsFactory<ZmqServerOptions>,
    { imports }: Pick<ZmqModuleAsyncOptions, 'imports'>,
  ): DynamicModule {
    return {
      module: ZmqServerModule,
      imports: imports ?? [],
      providers: [
        {
          provide: ZmqServer,
          inject: inject ?? [],
          useFactory: async (...args: unknown[]) =>
            new ZmqServer(
              await (useFactory as (...args: unknown[]) => ReturnType<typeof useFactory>)(...args),
            ),
        },
      ],
      exports: [ZmqServer],
    };
  }

  onApplicationBootstrap(): void {
    this.server.release();
  }

  async onModuleDestroy(): Promise<void> {
    await this.server.drain();
  }
}

/**
 * Provides clients by their names and the server as `ZmqServer`, and gives both their place in Nest's shutdown: the
 * server drains before any provider is destroyed, the clients close after HTTP and after everybody else.
 *
 * A client's sockets open at its first packet, or by `client.connect()`; the server listens once it is connected to
 * an application, by `connectZmqServer(app)`.
 */
@Module({})
export class ZmqModule {
  /** @throws InvalidOptionsError when the application starts */
  static forRoot({ clients = [], server, isGlobal = false }: ZmqModuleOptions): DynamicModule {
    return ZmqModule.forRootAsync({
      clients: clients.map(({ name, ...options }) => ({ name, useFactory: () => options })),
      ...(server === undefined ? {} : { server: { useFactory: () => server } }),
      isGlobal,
    });
  }

  /** @throws InvalidOptionsError when the application starts */
  static forRootAsync(options: ZmqModuleAsyncOptions): DynamicModule {
    const { clients = [], server, isGlobal = false } = options;
    const parts: DynamicModule[] = [];
    if (clients.length > 0) {
      parts.push(ZmqClientsModule.register(clients, options));
    }
    if (server !== undefined) {
      parts.push(ZmqServerModule.register(server, options));
    }
    return { module: ZmqModule, global: isGlobal, imports: parts, exports: parts };
  }
}

/** How a hybrid application takes the server in. */
export interface ConnectZmqServerOptions {
  /** @default all servers that registrations of `ZmqModule` provide */
  server?: ZmqServer;
  /**
   * Whether the application's global guards, pipes, interceptors and filters hold for ZeroMQ handlers too. Nest's own
   * `connectMicroservice` leaves them out unless told otherwise.
   * @default true
   */
  inheritAppConfig?: boolean;
}

/** The lists of Nest's application configuration that matter here. */
interface GlobalEnhancers {
  getGlobalGuards(): readonly unknown[];
  getGlobalPipes(): readonly unknown[];
  getGlobalInterceptors(): readonly unknown[];
  getGlobalFilters(): readonly unknown[];
}

/**
 * Connects the server to an HTTP application (a hybrid application); `app.startAllMicroservices()` then makes it
 * listen, and it receives once the application is initialised (`app.init()`, `app.listen()`). Call it after the global
 * guards, pipes, interceptors and filters have been set.
 * @returns the microservice; of several servers, that of the first
 * @throws Error when there is no server
 */
export function connectZmqServer(
  app: INestApplication,
  { server, inheritAppConfig = true }: ConnectZmqServerOptions = {},
): INestMicroservice {
  const left = inheritAppConfig ? [] : globalEnhancers(app);
  if (left.length > 0) {
    new Logger(ZmqServer.name).warn(
      `\`inheritAppConfig\` is false: the application's global ${left.join(', ')} do not hold for ZeroMQ handlers`,
    );
  }
  const provided = [...app.get(ModulesContainer).values()]
    .map((module) => (module.metatype === ZmqServerModule ? module.instance : undefined))
    .filter((instance) => instance instanceof ZmqServerModule)
    .map((module) => module.server);
  if (server !== undefined && !provided.includes(server)) {
    holdUntilInitialised(app, server);
  }
  const [first, ...others] = server === undefined ? provided : [server];
  if (first === undefined) {
    throw new Error('there is no server: give `server` to ZmqModule.forRoot(), or to connectZmqServer()');
  }
  const connect = (strategy: ZmqServer): INestMicroservice =>
    app.connectMicroservice({ strategy }, { inheritAppConfig });
  const microservice = connect(first);
  others.forEach(connect);
  return microservice;
}

/** A server that no module of ours knows has no hook: it receives when the application's own `init` has ended. */
function holdUntilInitialised(app: INestApplication, server: ZmqServer): void {
  // Protected in Nest's types.
  if ((app as unknown as { readonly isInitialized?: boolean }).isInitialized === true) {
    return;
  }
  server.hold();
  const init = app.init.bind(app);
  app.init = async () => {
    await init();
    server.release();
    return app;
  };
}

/** Kinds of global enhancers that are set. Nest has no public way to ask: where it moves them, the warning is silent. */
function globalEnhancers(app: INestApplication): string[] {
  const config = (app as { config?: Partial<GlobalEnhancers> }).config;
  const kinds: [string, readonly unknown[] | undefined][] = [
    ['guards', config?.getGlobalGuards?.()],
    ['pipes', config?.getGlobalPipes?.()],
    ['interceptors', config?.getGlobalInterceptors?.()],
    ['filters', config?.getGlobalFilters?.()],
  ];
  return kinds.filter(([, list]) => (list?.length ?? 0) > 0).map(([kind]) => kind);
}
