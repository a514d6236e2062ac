import { type DynamicModule, Module } from '@nestjs/common';
import { ZmqClientsModule } from './zmq-clients.module.js';
import { ZmqServerModule } from './zmq-server.module.js';
import type { ZmqModuleAsyncOptions, ZmqModuleOptions } from './zmq.module-options.js';

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
