import { type LinkState, ZmqClient, ZmqTransportError } from '@app/zmq-transport';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { PublisherKeys } from '../keys/publisher.keys.js';
import { linkNotice } from './link.notice.js';
import { TRADES_CLIENT } from './trades-client.token.js';

/** What an answer adds while no sidecar is connected. */
export interface LinkNotice {
  /** Plain words for people. */
  notice: string;
  /** Events that wait, this one included. */
  queued: number;
}

/** A sidecar that answers later than this is taken for silent: the scrape that asks must not wait for long. */
const ROUND_TRIP_TIMEOUT_MS = 250;

/** Everything that answers, page, health and metrics say about the way to the sidecars; it owns opening and draining it. */
@Injectable()
export class LinkService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('publisher');

  constructor(
    @Inject(TRADES_CLIENT) private readonly client: ZmqClient,
    private readonly config: PublisherConfig,
    private readonly keys: PublisherKeys,
  ) {}

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

  /** Plain words for people about what becomes of events now; undefined while a sidecar is connected. */
  get noticeText(): string | undefined {
    return this.isUp ? undefined : linkNotice(this.config.ZMQ_PAIR, this.state);
  }

  /** What an acknowledgement adds; undefined while a sidecar is connected. */
  notice(): LinkNotice | undefined {
    const notice = this.noticeText;
    return notice === undefined ? undefined : { notice, queued: this.client.stats().queuedEvents };
  }

  /** A round trip to a sidecar, measured now, in seconds; NaN where the pair has no way back or nobody answers. */
  async measureRoundTrip(): Promise<number> {
    try {
      return await this.client.ping(ROUND_TRIP_TIMEOUT_MS);
    } catch (error) {
      if (error instanceof ZmqTransportError) return Number.NaN;
      throw error;
    }
  }

  /** Calls `listener` with each new state of the link. */
  onChange(listener: (state: LinkState) => void): void {
    this.client.on('state', listener);
  }

  /** The link's state has to be known before the first event; a sidecar that is not there yet is no failure. */
  async onApplicationBootstrap(): Promise<void> {
    await this.client.open();
    this.keys.follow(() => this.client.rotateKeys());
  }

  /** HTTP is closed by now, so nothing can be accepted behind the drain's back. `close` is idempotent. */
  async onApplicationShutdown(): Promise<void> {
    const { delivered, dropped, queued } = await this.client.close();
    this.logger.log(`publisher drained: delivered=${delivered}, dropped=${dropped}, queued=${queued}`);
  }
}
