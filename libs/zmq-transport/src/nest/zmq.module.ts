import {
  type DynamicModule,
  type INestApplication,
  type INestMicroservice,
  Inject,
  Module,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import {
  asyncOptionsOf,
  connectServers,
  type ConnectServerOptions,
  TransportClientsModule,
  transportModule,
  type TransportModuleAsyncOptions,
  type TransportModuleOptions,
  TransportServerModule,
} from '@app/transport-core';
import { ZmqClient } from '../client/zmq-client.js';
import { ZmqServer } from '../server/zmq-server.js';
import type { ZmqClientOptions, ZmqServerOptions } from '../zmq-options.js';

/** Options of `ZmqModule.forRoot`; a client is injected by its name: `@Inject(name) client: ZmqClient`. */
export type ZmqModuleOptions = TransportModuleOptions<ZmqClientOptions, ZmqServerOptions>;
/** Options of `ZmqModule.forRootAsync`. */
export type ZmqModuleAsyncOptions = TransportModuleAsyncOptions<ZmqClientOptions, ZmqServerOptions>;
/** How a hybrid application connects the server. */
export type ConnectZmqServerOptions = ConnectServerOptions<ZmqServer>;

@Module({})
export class ZmqClientsModule extends TransportClientsModule {}

@Module({})
export class ZmqServerModule extends TransportServerModule<ZmqServer> {
  constructor(@Inject(ZmqServer) server: ZmqServer, @Inject(ModulesContainer) modules: ModulesContainer) {
    super(server, modules);
  }
}

/**
 * Provides clients by their names and the server as `ZmqServer`, and shuts both down in order: the server drains before any
 * provider is destroyed, and the clients close last, after HTTP.
 *
 * A client's sockets open at its first packet, or by `client.connect()`; the server listens once it is connected to
 * an application, by `connectZmqServer(app)`.
 */
@Module({})
export class ZmqModule {
  /** @throws InvalidOptionsError when the application starts */
  static forRoot(options: ZmqModuleOptions): DynamicModule {
    return ZmqModule.forRootAsync(asyncOptionsOf(options));
  }

  /** @throws InvalidOptionsError when the application starts */
  static forRootAsync(options: ZmqModuleAsyncOptions): DynamicModule {
    const parts = {
      module: ZmqModule,
      clientsModule: ZmqClientsModule,
      serverModule: ZmqServerModule,
      client: ZmqClient,
      server: ZmqServer,
    };
    return transportModule(parts, options);
  }
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
  options: ConnectZmqServerOptions = {},
): INestMicroservice {
  return connectServers(app, ZmqServerModule, options);
}
