import type { LoggerService } from '@nestjs/common';
import { curveKeyPair } from 'zeromq';
import {
  type CurveClientOptions,
  type CurveServerOptions,
  type SocketPair,
  ZmqClient,
  type ZmqClientOptions,
  ZmqServer,
  type ZmqServerOptions,
} from '../../src/index.js';

export const SERVER = curveKeyPair();
export const CLIENT = curveKeyPair();
export const STRANGER = curveKeyPair();

const FAST = { reconnectIntervalMs: 10, reconnectMaxIntervalMs: 50, lingerMs: 100, drainTimeoutMs: 500 };

/** A server that lets {@link CLIENT} in, unless said otherwise, and what it received. */
export class SecuredServer {
  readonly received: unknown[] = [];
  readonly server: ZmqServer;

  constructor(
    pair: SocketPair,
    curve: Partial<CurveServerOptions> | 'none',
    options: Partial<ZmqServerOptions> = {},
  ) {
    const where = options.connect === undefined ? { bind: 'tcp://127.0.0.1:*' } : {};
    const keys = { keyPair: SERVER, allowedClients: [CLIENT.publicKey] };
    const secured = curve === 'none' ? {} : { curve: { ...keys, ...curve } };
    this.server = new ZmqServer({ pair, ...where, ...FAST, ...secured, ...options });
    this.server.addHandler('event', async (data: unknown) => void this.received.push(data), true);
    this.server.addHandler('echo', async (data: unknown) => data, false);
  }

  get address(): string {
    return this.server.boundAddresses[0] ?? '';
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.listen((error) => (error === undefined ? resolve() : reject(error as Error)));
    });
  }
}

/** Starts servers and clients and closes what it started: dispose it in `afterEach`. */
export class SecuredScope {
  private readonly closing: { close(): Promise<unknown> }[] = [];

  /** @param curve `'none'` for a server without CURVE */
  async serve(
    pair: SocketPair,
    curve: Partial<CurveServerOptions> | 'none' = {},
    options: Partial<ZmqServerOptions> = {},
  ): Promise<SecuredServer> {
    const served = new SecuredServer(pair, curve, options);
    await served.listen();
    this.closing.unshift(served.server);
    return served;
  }

  /** @param curve undefined for a client without CURVE */
  async dial(
    pair: SocketPair,
    curve: Partial<CurveClientOptions> | undefined,
    options: Partial<ZmqClientOptions>,
  ): Promise<ZmqClient> {
    const keys = { keyPair: CLIENT, serverKey: SERVER.publicKey, ...curve };
    const client = new ZmqClient({ pair, ...FAST, ...(curve && { curve: keys }), ...options });
    this.closing.unshift(client);
    await client.open();
    return client;
  }

  async dispose(): Promise<void> {
    for (const one of this.closing.splice(0)) {
      await one.close();
    }
  }
}

/** Keeps what a Nest logger was told at level warn and above. */
export class KeptLog implements LoggerService {
  readonly lines: string[] = [];

  log(): void {}

  warn(message: unknown): void {
    this.lines.push(String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.lines.push([message, ...rest].map(String).join(' '));
  }
}
