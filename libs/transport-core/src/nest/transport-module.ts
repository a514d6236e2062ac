import {
  type DynamicModule,
  type FactoryProvider,
  type INestApplication,
  type INestMicroservice,
  Inject,
  type InjectionToken,
  Logger,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type Type,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { ZmqBatchContext } from '../dispatch/zmq-context.js';

/** A factory of options, with its injected dependencies. */
export type TransportOptionsFactory<TOptions> = Pick<FactoryProvider<TOptions>, 'inject' | 'useFactory'>;

/** Options of `forRoot`. */
export interface TransportModuleOptions<TClientOptions, TServerOptions> {
  clients?: readonly (TClientOptions & { name: InjectionToken })[];
  /** Provides a server; the transport's `connect…Server(app)` makes it listen. */
  server?: TServerOptions;
  /** Lets every module inject the clients and the server. @default false */
  isGlobal?: boolean;
}

/** Options of `forRootAsync`. */
export interface TransportModuleAsyncOptions<TClientOptions, TServerOptions> {
  /** Modules whose exports the factories inject. */
  imports?: ModuleMetadata['imports'];
  clients?: readonly (TransportOptionsFactory<TClientOptions> & { name: InjectionToken })[];
  server?: TransportOptionsFactory<TServerOptions>;
  /** Lets every module inject the clients and the server. @default false */
  isGlobal?: boolean;
}

/** What the clients' module needs of a client. */
export interface ClosingClient {
  close(): Promise<unknown>;
}

/** What the server's module needs of a server. */
export interface DrainingServer extends CustomTransportStrategy {
  /** Makes `listen` open but receive nothing before {@link release}. */
  hold(): void;
  release(): void;
  drain(): Promise<unknown>;
  /** Lets it call handlers without Nest's pipeline where they need nothing of it. */
  callDirectly(app: INestMicroservice): void;
  /** Adds a batch handler for a pattern that no decorator can name, also while the server runs. */
  handleBatches(pattern: string, handle: (events: readonly unknown[], batch: ZmqBatchContext) => void): void;
}

/** All clients of one registration. */
const CLIENTS = Symbol('TRANSPORT_CLIENTS');
/** Nest's root module is at 0, everything it imports further away. */
const BEFORE_ALL_OTHERS = -1;
const AFTER_ALL_OTHERS = Number.POSITIVE_INFINITY;

/** Nest shuts modules down by their distance from the root, which it reads when it calls the first lifecycle hook. */
function place(modules: ModulesContainer, module: object, distance: number): void {
  for (const known of modules.values()) {
    if (known.metatype === module.constructor) {
      known.distance = distance;
    }
  }
}

/**
 * Provides clients, and closes them last of all: HTTP is closed by then, and events that other modules emit in their own
 * `onApplicationShutdown` are still sent. A transport decorates a class of its own that extends this one.
 */
export abstract class TransportClientsModule implements OnApplicationShutdown {
  constructor(
    @Inject(CLIENTS) private readonly clients: readonly ClosingClient[],
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    place(modules, this, AFTER_ALL_OTHERS);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }
}

/**
 * Provides a server, and ends its intake before any provider is destroyed. A transport decorates a class of its own that
 * extends this one, and injects its server.
 *
 * Nest closes transports only after `onModuleDestroy` and `beforeApplicationShutdown`, so handlers would use providers that are
 * already destroyed. It destroys modules one after the other, by their distance from the root, and waits for each: the nearest
 * module drains while all others are still intact.
 *
 * A hybrid application listens before its providers are initialised: the server receives nothing until the last hook of the
 * start has ended, which is this one's.
 */
export abstract class TransportServerModule<TServer extends DrainingServer>
  implements OnApplicationBootstrap, OnModuleDestroy
{
  constructor(
    readonly server: TServer,
    modules: ModulesContainer,
  ) {
    server.hold();
    place(modules, this, BEFORE_ALL_OTHERS);
  }

  onApplicationBootstrap(): void {
    this.server.release();
  }

  async onModuleDestroy(): Promise<void> {
    await this.server.drain();
  }
}

/** The classes of a transport. */
export interface TransportParts<TClientOptions, TServerOptions> {
  readonly module: Type;
  readonly clientsModule: Type<TransportClientsModule>;
  readonly serverModule: Type<TransportServerModule<DrainingServer>>;
  readonly client: new (options: TClientOptions) => ClosingClient;
  readonly server: new (options: TServerOptions) => DrainingServer;
}

/** Turns options of `forRoot` into those of `forRootAsync`. */
export function asyncOptionsOf<TClientOptions, TServerOptions>({
  clients = [],
  server,
  isGlobal = false,
}: TransportModuleOptions<TClientOptions, TServerOptions>): TransportModuleAsyncOptions<
  TClientOptions,
  TServerOptions
> {
  return {
    clients: clients.map((options) => ({ name: options.name, useFactory: () => options })),
    ...(server === undefined ? {} : { server: { useFactory: () => server } }),
    isGlobal,
  };
}

/** The modules that a transport registers for these options. */
export function transportModule<TClientOptions, TServerOptions>(
  parts: TransportParts<TClientOptions, TServerOptions>,
  options: TransportModuleAsyncOptions<TClientOptions, TServerOptions>,
): DynamicModule {
  const { clients = [], server, imports = [], isGlobal = false } = options;
  const modules: DynamicModule[] = [];
  if (clients.length > 0) {
    const tokens = clients.map(({ name }) => name);
    const providers = clients.map((factory) => madeBy(factory.name, parts.client, factory));
    const all = { provide: CLIENTS, inject: tokens, useFactory: (...made: ClosingClient[]) => made };
    modules.push({ module: parts.clientsModule, imports, providers: [...providers, all], exports: tokens });
  }
  if (server !== undefined) {
    const provider = madeBy(parts.server, parts.server, server);
    modules.push({ module: parts.serverModule, imports, providers: [provider], exports: [parts.server] });
  }
  return { module: parts.module, global: isGlobal, imports: modules, exports: modules };
}

function madeBy<TOptions, TMade>(
  provide: InjectionToken,
  made: new (options: TOptions) => TMade,
  { inject = [], useFactory }: TransportOptionsFactory<TOptions>,
): FactoryProvider<TMade> {
  const optionsOf = useFactory as (...args: unknown[]) => TOptions | Promise<TOptions>;
  return {
    provide,
    inject,
    useFactory: async (...args: unknown[]) => new made(await optionsOf(...args)),
  };
}

/** How a hybrid application connects a server. */
export interface ConnectServerOptions<TServer> {
  /** @default all servers that registrations of the transport's module provide */
  server?: TServer;
  /**
   * Whether the application's global guards, pipes, interceptors and filters apply to the transport's handlers too. Nest's own
   * `connectMicroservice` leaves them out by default.
   * @default true
   */
  inheritAppConfig?: boolean;
}

/**
 * Connects a transport's servers to an HTTP application.
 * @param serverModule the class that provides them
 * @returns the microservice; of several servers, that of the first
 * @throws Error when there is no server
 */
export function connectServers<TServer extends DrainingServer>(
  app: INestApplication,
  serverModule: Type<TransportServerModule<TServer>>,
  { server, inheritAppConfig = true }: ConnectServerOptions<TServer>,
): INestMicroservice {
  const left = inheritAppConfig ? [] : globalEnhancers(app);
  if (left.length > 0) {
    new Logger(serverModule.name).warn(
      `\`inheritAppConfig\` is false: the application's global ${left.join(', ')} do not apply to the handlers of this transport`,
    );
  }
  const provided = [...app.get(ModulesContainer).values()]
    .map((module) => (module.metatype === serverModule ? module.instance : undefined))
    .filter((instance) => instance instanceof serverModule)
    .map((module) => module.server);
  if (server !== undefined && !provided.includes(server)) {
    holdUntilInitialised(app, server);
  }
  const [first, ...others] = server === undefined ? provided : [server];
  if (first === undefined) {
    throw new Error(
      'there is no server: give `server` to forRoot() of the module, or to the function that connects it',
    );
  }
  const connect = (strategy: TServer): INestMicroservice => {
    const microservice = app.connectMicroservice({ strategy }, { inheritAppConfig });
    strategy.callDirectly(microservice);
    return microservice;
  };
  const microservice = connect(first);
  others.forEach(connect);
  return microservice;
}

/** A server that no module of ours provides has no hook: it receives once the application's own `init` has ended. */
function holdUntilInitialised(app: INestApplication, server: DrainingServer): void {
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

/** The lists of Nest's application configuration that are read here. */
interface GlobalEnhancers {
  getGlobalGuards(): readonly unknown[];
  getGlobalPipes(): readonly unknown[];
  getGlobalInterceptors(): readonly unknown[];
  getGlobalFilters(): readonly unknown[];
}

/** The kinds of global enhancers that are set. Nest has no public way to ask: if a version moves them, there is no warning. */
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
