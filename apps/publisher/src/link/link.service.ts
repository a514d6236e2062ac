import type { LinkState, ZmqClient } from '@app/zmq-transport';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { TRADES_CLIENT } from './trades-client.token.js';

/** What an answer adds while no sidecar is connected. */
export interface LinkNotice {
  /** Plain words for people. */
  notice: string;
  /** Events that wait, this one included. */
  queued: number;
}

/** Said wherever an event is acknowledged while nobody is at the other end. */
export const LINK_NOTICE =
  'The sidecar is not reachable. Events wait in a bounded queue; they are sent when it comes back, and may be dropped if it does not.';

/** Everything that answers, page, health and metrics say about the way to the sidecars; it owns opening and draining it. */
@Injectable()
export class LinkService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('publisher');

  constructor(@Inject(TRADES_CLIENT) private readonly client: ZmqClient) {}

  /** Synchronous and cheap: asked for every answer. */
  get state(): LinkState {
    return this.client.linkState;
  }

  get isUp(): boolean {
    return this.client.linkState === 'connected';
  }

  stats(): ReturnType<ZmqClient['stats']> {
    return this.client.stats();
  }

  /** Undefined while a sidecar is connected. */
  notice(): LinkNotice | undefined {
    return this.isUp ? undefined : { notice: LINK_NOTICE, queued: this.client.stats().queuedEvents };
  }

  /** Calls `listener` with each new state of the link. */
  onChange(listener: (state: LinkState) => void): void {
    this.client.on('state', listener);
  }

  /** The link's state has to be known before the first event; a sidecar that is not there yet is no failure. */
  async onApplicationBootstrap(): Promise<void> {
    await this.client.connect();
  }

  /** HTTP is closed by now, so nothing can be accepted behind the drain's back. `close` is idempotent. */
  async onApplicationShutdown(): Promise<void> {
    const { delivered, dropped, queued } = await this.client.close();
    this.logger.log(`publisher drained: delivered=${delivered}, dropped=${dropped}, queued=${queued}`);
  }
}
