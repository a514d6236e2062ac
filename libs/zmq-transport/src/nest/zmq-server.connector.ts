import { type INestApplication, type INestMicroservice, Logger } from '@nestjs/common';
import { ZmqServer } from '../server/zmq.server.js';

/** How a hybrid application takes the server in. */
export interface ConnectZmqServerOptions {
  /** @default the `ZmqServer` that `ZmqModule` provides */
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
 * listen. Call it after the global guards, pipes, interceptors and filters have been set.
 */
export function connectZmqServer(
  app: INestApplication,
  { server = app.get(ZmqServer, { strict: false }), inheritAppConfig = true }: ConnectZmqServerOptions = {},
): INestMicroservice {
  const left = inheritAppConfig ? [] : globalEnhancers(app);
  if (left.length > 0) {
    new Logger(ZmqServer.name).warn(
      `\`inheritAppConfig\` is false: the application's global ${left.join(', ')} do not hold for ZeroMQ handlers`,
    );
  }
  return app.connectMicroservice({ strategy: server }, { inheritAppConfig });
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
