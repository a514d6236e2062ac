/**
 * An entry point of its own, so that only its users need @nestjs/terminus.
 * @module nestjs-zmq-transport/terminus
 */
import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { UnsupportedOperationError, ZmqTransportError } from '@app/transport-core';
import type { ZmqClient } from './client/zmq-client.js';
import type { ZmqServer } from './server/zmq-server.js';

/** Options of a client's check. */
export interface ClientCheckOptions {
  /** How long a server may take to answer, in milliseconds. @default 1000 */
  timeoutMs?: number;
}

/**
 * Health indicators for Terminus: `TerminusModule` in the imports, this class in the providers, and in the controller
 * `health.check([() => this.zmq.client('trades', client), () => this.zmq.server('intake', server)])`.
 */
@Injectable()
export class ZmqHealthIndicator {
  constructor(private readonly health: HealthIndicatorService) {}

  /**
   * DEALER/ROUTER: up when a server answers a real round trip, with its time in `roundTripSeconds`.
   * Other pairs have no way back: up while a peer is connected.
   */
  async client<Key extends string>(
    key: Key,
    client: ZmqClient,
    { timeoutMs = 1000 }: ClientCheckOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const session = this.health.check(key);
    const { state, peers } = client.stats();
    try {
      return session.up({ state, peers, roundTripSeconds: await client.ping(timeoutMs) });
    } catch (error) {
      if (error instanceof UnsupportedOperationError) {
        return state === 'connected' ? session.up({ state, peers }) : session.down({ state, peers });
      }
      if (error instanceof ZmqTransportError) {
        return session.down({ state, peers, message: error.message });
      }
      throw error;
    }
  }

  /**
   * Up only while the server receives messages (not before the application is ready, after a drain, or when the socket broke)
   * and no handler runs beyond its time limit; `hungHandlers` says how many do.
   */
  server<Key extends string>(key: Key, server: ZmqServer): HealthIndicatorResult<Key> {
    const session = this.health.check(key);
    const { state, peers, hungHandlers } = server.stats();
    return server.isReceiving && hungHandlers === 0
      ? session.up({ state, peers, hungHandlers, addresses: server.boundAddresses })
      : session.down({ state, peers, hungHandlers });
  }
}
