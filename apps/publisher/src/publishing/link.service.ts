import type { DeliveryMode } from '@app/contracts';
import { ConfigurationError } from '@app/service-kit';
import {
  type ClientDeliveryStats,
  type LinkState,
  type SocketPair,
  SpoolUnusableError,
  ZmqClient,
  ZmqTransportError,
} from '@app/zmq-transport';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { PublisherKeys } from './publisher-keys.js';
import { linkNotice } from './link-notice.js';
import { TRADES_CLIENT } from './trades-client.js';

/** What an answer adds while no sidecar is connected. */
export interface LinkNotice {
  /** Plain words for people. */
  notice: string;
  /** Events that wait, this one included. */
  queued: number;
}

const NOTHING_ACKNOWLEDGED: ClientDeliveryStats = {
  unacknowledgedEvents: 0,
  unacknowledgedBytes: 0,
  oldestUnacknowledgedSeconds: 0,
  credit: 0,
  blocked: 0,
  acknowledged: 0,
  resent: 0,
  failed: 0,
};

/** How long a scrape waits for the sidecar's answer. */
const ROUND_TRIP_TIMEOUT_MS = 250;

/** A change of keys ends the connection for a moment: that needs no log line. */
const GONE_AFTER_MS = 1500;

/**
 * The link to the sidecars. It opens and drains the client, and provides what answers, page, health and metrics say about it.
 */
@Injectable()
export class LinkService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('publisher');
  private absence: NodeJS.Timeout | undefined;
  private goneLogged = false;

  constructor(
    @Inject(TRADES_CLIENT) private readonly client: ZmqClient,
    private readonly config: PublisherConfig,
    private readonly keys: PublisherKeys,
  ) {}

  /** Cheap: every answer asks for it. */
  get state(): LinkState {
    return this.client.linkState;
  }

  get isUp(): boolean {
    return this.client.linkState === 'connected';
  }

  stats(): ReturnType<ZmqClient['stats']> {
    return this.client.stats();
  }

  get delivery(): DeliveryMode {
    return this.config.DELIVERY;
  }

  get pair(): SocketPair {
    return this.config.pair;
  }

  /** What the client knows about acknowledged delivery; all 0 with DELIVERY=at-most-once. */
  deliveryStats(): ClientDeliveryStats {
    return this.client.stats().delivery ?? NOTHING_ACKNOWLEDGED;
  }

  /** Events that were taken and are not sent yet; with acknowledged delivery, those that are not acknowledged. */
  get waiting(): number {
    const { queuedEvents, delivery } = this.client.stats();
    return delivery?.unacknowledgedEvents ?? queuedEvents;
  }

  /** Those of them that are in memory, within the outbox's limits. */
  get memory(): { readonly events: number; readonly bytes: number } {
    const { queuedEvents, queuedBytes } = this.client.stats();
    const { unacknowledgedEvents, unacknowledgedBytes } =
      this.config.DELIVERY === 'acknowledged' ? this.deliveryStats() : NOTHING_ACKNOWLEDGED;
    return { events: queuedEvents + unacknowledgedEvents, bytes: queuedBytes + unacknowledgedBytes };
  }

  /** What happens to events now, in plain words; undefined while a sidecar is connected. */
  get noticeText(): string | undefined {
    if (this.isUp) return undefined;
    const { state, refusal } = this.client.stats();
    return linkNotice({ delivery: this.config.DELIVERY, pair: this.config.pair, state, refusal });
  }

  /** What an answer adds; undefined while a sidecar is connected. */
  notice(): LinkNotice | undefined {
    const notice = this.noticeText;
    if (notice === undefined) return undefined;
    // With pub-sub nothing waits: what is in the outbox now is dropped before the client reads the answer.
    return { notice, queued: this.config.pair === 'pub-sub' ? 0 : this.waiting };
  }

  /** A round trip to a sidecar, measured now, in seconds; NaN where the pair has no way back or no sidecar answers. */
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

  /**
   * Opens the link before the first event. A sidecar that is not there yet is no failure.
   *
   * @throws ConfigurationError when the spool's folder cannot be used: the next start would fail the same way
   */
  async onApplicationBootstrap(): Promise<void> {
    this.client.on('state', (state: LinkState) => this.logChange(state));
    try {
      await this.client.open();
    } catch (error) {
      if (!(error instanceof SpoolUnusableError)) throw error;
      throw new ConfigurationError([{ key: 'SPOOL_DIR', message: error.message }]);
    }
    this.keys.follow(() => this.client.rotateKeys());
  }

  /** HTTP is closed by now, so no event can be accepted during the drain. `close` is idempotent. */
  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.absence);
    const { delivered, dropped, queued, kept } = await this.client.close();
    const { accepted, sent, drops } = this.client.stats();
    const droppedInAll = Object.values(drops).reduce((sum, events) => sum + events, 0);
    const onDisk = this.config.DELIVERY === 'durable' ? `, kept=${kept}` : '';
    // The first three as in /metrics. The others are about the drain alone: on a healthy link nothing waits for it.
    this.logger.log(
      `publisher drained: accepted=${accepted}, sent=${sent}, dropped=${droppedInAll} since it started; ` +
        `at the stop queued=${queued}, of which delivered=${delivered}, dropped=${dropped}${onDisk}`,
    );
  }

  /** Logs once that the sidecar is gone and once that it is back. The transport itself logs why a sidecar denies it. */
  private logChange(state: LinkState): void {
    if (state === 'closed' || state === 'connected') {
      clearTimeout(this.absence);
      this.absence = undefined;
    }
    if (state === 'disconnected' && !this.goneLogged) {
      this.absence ??= setTimeout(() => this.sayGone(), GONE_AFTER_MS).unref();
    }
    if (state === 'connected' && this.goneLogged) {
      this.goneLogged = false;
      this.logger.log(`the sidecar is back; ${this.waiting} events waited for it`);
    }
  }

  private sayGone(): void {
    this.goneLogged = true;
    this.logger.warn(`the sidecar is gone: ${this.noticeText ?? ''}`.trimEnd());
  }
}
