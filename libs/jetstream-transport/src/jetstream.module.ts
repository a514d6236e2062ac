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
import { JetStreamClient } from './client/jetstream-client.js';
import type { JetStreamClientOptions, JetStreamServerOptions } from './options.js';
import { JetStreamServer } from './server/jetstream-server.js';

/** Options of `JetStreamModule.forRoot`; a client is injected by its name: `@Inject(name) client: JetStreamClient`. */
export type JetStreamModuleOptions = TransportModuleOptions<JetStreamClientOptions, JetStreamServerOptions>;
/** Options of `JetStreamModule.forRootAsync`. */
export type JetStreamModuleAsyncOptions = TransportModuleAsyncOptions<
  JetStreamClientOptions,
  JetStreamServerOptions
>;
/** How a hybrid application connects the server. */
export type ConnectJetStreamServerOptions = ConnectServerOptions<JetStreamServer>;

@Module({})
export class JetStreamClientsModule extends TransportClientsModule {}

@Module({})
export class JetStreamServerModule extends TransportServerModule<JetStreamServer> {
  constructor(
    @Inject(JetStreamServer) server: JetStreamServer,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    super(server, modules);
  }
}

/**
 * Provides clients by their names and the server as `JetStreamServer`, and shuts both down in order: the server drains before
 * any provider is destroyed, and the clients close last, after HTTP.
 */
@Module({})
export class JetStreamModule {
  /** @throws InvalidOptionsError when the application starts */
  static forRoot(options: JetStreamModuleOptions): DynamicModule {
    return JetStreamModule.forRootAsync(asyncOptionsOf(options));
  }

  /** @throws InvalidOptionsError when the application starts */
  static forRootAsync(options: JetStreamModuleAsyncOptions): DynamicModule {
    const parts = {
      module: JetStreamModule,
      clientsModule: JetStreamClientsModule,
      serverModule: JetStreamServerModule,
      client: JetStreamClient,
      server: JetStreamServer,
    };
    return transportModule(parts, options);
  }
}

/**
 * Connects the server to an HTTP application (a hybrid application); `app.startAllMicroservices()` then makes it listen, and
 * it handles events once the application is initialised. Call it after the global guards, pipes, interceptors and filters
 * have been set.
 * @returns the microservice; of several servers, that of the first
 * @throws Error when there is no server
 */
export function connectJetStreamServer(
  app: INestApplication,
  options: ConnectJetStreamServerOptions = {},
): INestMicroservice {
  return connectServers(app, JetStreamServerModule, options);
}
