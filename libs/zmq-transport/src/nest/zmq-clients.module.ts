import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ZmqClient } from '../client/zmq.client.js';
import type { NamedZmqClientFactory, ZmqModuleAsyncOptions } from './zmq.module-options.js';

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
