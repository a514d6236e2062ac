import type { INestMicroservice, Provider, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  type RejectedMessage,
  ZmqClient,
  type ZmqClientOptions,
  ZmqServer,
  type ZmqServerOptions,
} from '../../src/index.js';
import { freshBind, type Wiring } from './pairs.js';
import { until } from './until.js';

export interface ServiceOptions {
  readonly wiring?: Wiring;
  readonly controllers: Type<unknown>[];
  readonly providers?: Provider[];
  readonly server?: Partial<ZmqServerOptions>;
  /** Runs before `listen`, where Nest wants global enhancers. */
  readonly configure?: (app: INestMicroservice, server: ZmqServer) => void;
}

export const TCP_PUSH_PULL: Wiring = { pair: 'push-pull', network: 'tcp' };
export const TCP_DEALER_ROUTER: Wiring = { pair: 'dealer-router', network: 'tcp' };

/** A Nest microservice on a real socket, and the clients that were made for it. */
export class Service {
  private readonly clients: ZmqClient[] = [];

  constructor(
    readonly wiring: Wiring,
    readonly app: INestMicroservice,
    readonly server: ZmqServer,
    readonly rejected: readonly RejectedMessage[],
    readonly address: string,
  ) {}

  /** A client that has seen its server (or its subscriber). */
  async connect(options: Partial<ZmqClientOptions> = {}): Promise<ZmqClient> {
    const client = new ZmqClient({ pair: this.wiring.pair, connect: this.address, ...options });
    this.clients.push(client);
    await client.connect();
    await until(() => client.linkState === 'connected');
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.app.close();
  }
}

/** Starts services and closes what it started: dispose it in `afterEach`. */
export class ServiceScope {
  private services: Service[] = [];

  async start({
    wiring = TCP_PUSH_PULL,
    controllers,
    providers = [],
    ...rest
  }: ServiceOptions): Promise<Service> {
    const rejected: RejectedMessage[] = [];
    const where = rest.server?.connect === undefined ? { bind: freshBind(wiring.network) } : {};
    const server = new ZmqServer({
      pair: wiring.pair,
      ...where,
      onRejected: (message) => rejected.push(message),
      ...rest.server,
    });
    const module = await Test.createTestingModule({ controllers, providers }).compile();
    const app = module.createNestMicroservice({ strategy: server, logger: false });
    rest.configure?.(app, server);
    server.callDirectly(app);
    await app.listen();
    const service = new Service(wiring, app, server, rejected, server.boundAddresses[0] ?? '');
    this.services.push(service);
    return service;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.services.splice(0).map((service) => service.close()));
  }
}
