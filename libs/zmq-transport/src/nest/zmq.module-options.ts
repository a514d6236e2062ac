import type { FactoryProvider, InjectionToken, ModuleMetadata } from '@nestjs/common';
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
