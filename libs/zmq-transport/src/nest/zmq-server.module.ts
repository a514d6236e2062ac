import { type DynamicModule, Module, type OnModuleDestroy } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ZmqServer } from '../server/zmq.server.js';
import type { ZmqServerOptions } from '../zmq.options.js';
import type { ZmqModuleAsyncOptions, ZmqOptionsFactory } from './zmq.module-options.js';

/** Nest's root module is at 0, everything it imports further away. */
const BEFORE_ALL_OTHERS = -1;

/**
 * Provides the server, and ends its intake before any provider is destroyed.
 *
 * Nest closes transports only after `onModuleDestroy` and `beforeApplicationShutdown`, so handlers would run on what is
 * already destroyed. It destroys modules one after the other, in the order of their distance from the root, and waits
 * for each: the module that is nearest of all drains while all the others are still whole. The distance is set in the
 * constructor, because Nest sorts the modules when it calls the first lifecycle hook, and keeps that order.
 */
@Module({})
export class ZmqServerModule implements OnModuleDestroy {
  constructor(
    private readonly server: ZmqServer,
    modules: ModulesContainer,
  ) {
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

  async onModuleDestroy(): Promise<void> {
    await this.server.drain();
  }
}
