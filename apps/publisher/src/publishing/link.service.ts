import type { DeliveryMode } from '@app/contracts';
import { type ClientDeliveryStats, type LinkState, ZmqTransportError } from '@app/zmq-transport';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type LinkWay, PublisherConfig } from '../config/publisher.config.js';
import { type AwaitedStage, type LinkStats, TRADES_LINK, type TradesLink } from './trades-link.js';

/** What an answer adds while the link is not up. */
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

/** A change of keys ends the connection for a moment: that needs no log line. */
const GONE_AFTER_MS = 1500;

/** Opens and drains the link, and provides what answers, page, health and metrics say about it. */
@Injectable()
export class LinkService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('publisher');
  private absence: NodeJS.Timeout | undefined;
  private goneLogged = false;

  constructor(
    @Inject(TRADES_LINK) private readonly link: TradesLink,
    private readonly config: PublisherConfig,
  ) {}

  /** Cheap: every answer asks for it. */
  get state(): LinkState {
    return this.link.state;
  }

  get isUp(): boolean {
    return this.link.state === 'connected';
  }

  /** Whether the broker refuses this publisher: it does until the settings of one of the two change. */
  get isUnfit(): boolean {
    return this.link.peer === 'broker' && this.link.state === 'refused';
  }

  stats(): LinkStats {
    return this.link.stats();
  }

  get delivery(): DeliveryMode {
    return this.config.delivery;
  }

  get peer(): TradesLink['peer'] {
    return this.link.peer;
  }

  get way(): LinkWay {
    return this.config.way;
  }

  /** What a post can wait for; undefined where nothing comes back. */
  get awaited(): AwaitedStage | undefined {
    return this.link.awaited;
  }

  /** What is known about unacknowledged events; all 0 where nothing is acknowledged. */
  deliveryStats(): ClientDeliveryStats {
    return this.link.stats().delivery ?? NOTHING_ACKNOWLEDGED;
  }

  /** Events that were taken and are not sent yet; with acknowledged delivery, those that are not acknowledged. */
  get waiting(): number {
    const { queuedEvents, delivery } = this.link.stats();
    return delivery?.unacknowledgedEvents ?? queuedEvents;
  }

  /** Those of them that are in memory, within the outbox's limits. */
  get memory(): { readonly events: number; readonly bytes: number } {
    const { queuedEvents, queuedBytes } = this.link.stats();
    const { unacknowledgedEvents, unacknowledgedBytes } =
      this.config.delivery === 'acknowledged' ? this.deliveryStats() : NOTHING_ACKNOWLEDGED;
    return { events: queuedEvents + unacknowledgedEvents, bytes: queuedBytes + unacknowledgedBytes };
  }

  /** How full the fullest of the places is where events wait, from 0 to 1. */
  get fill(): number {
    const { delivery, OUTBOX_MAX_EVENTS, OUTBOX_MAX_BYTES, SPOOL_MAX_BYTES } = this.config;
    const { events, bytes } = this.memory;
    const spooledBytes = delivery === 'durable' ? this.deliveryStats().unacknowledgedBytes : 0;
    return Math.max(events / OUTBOX_MAX_EVENTS, bytes / OUTBOX_MAX_BYTES, spooledBytes / SPOOL_MAX_BYTES);
  }

  /** What happens to events now, in plain words; undefined while the link is up. */
  get noticeText(): string | undefined {
    return this.isUp ? undefined : this.link.notice;
  }

  /** What an answer adds; undefined while the link is up. */
  notice(): LinkNotice | undefined {
    const notice = this.noticeText;
    if (notice === undefined) return undefined;
    return { notice, queued: this.link.keepsEvents ? this.waiting : 0 };
  }

  /** A round trip to the other end, measured now, in seconds; NaN where there is no way back or nobody answers. */
  async measureRoundTrip(): Promise<number> {
    try {
      return await this.link.ping();
    } catch (error) {
      if (error instanceof ZmqTransportError) return Number.NaN;
      throw error;
    }
  }

  /** Calls `listener` with each new state of the link. */
  onChange(listener: (state: LinkState) => void): void {
    this.link.onState(listener);
  }

  /**
   * Opens the link before the first event. A sidecar or broker that is not there yet is no failure.
   *
   * @throws ConfigurationError for a setting with which the next start would fail too
   */
  async onApplicationBootstrap(): Promise<void> {
    this.link.onState((state) => this.logChange(state));
    await this.link.open();
  }

  /** HTTP is closed by now, so no event can be accepted during the drain. `close` is idempotent. */
  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.absence);
    const { delivered, dropped, queued, kept } = await this.link.close();
    const { accepted, sent, drops } = this.link.stats();
    const droppedInAll = Object.values(drops).reduce((sum, events) => sum + events, 0);
    const onDisk = this.config.delivery === 'durable' ? `, kept=${kept}` : '';
    // The first three as in /metrics. The others are about the drain alone: on a healthy link nothing waits for it.
    this.logger.log(
      `publisher drained: accepted=${accepted}, sent=${sent}, dropped=${droppedInAll} since it started; ` +
        `at the stop queued=${queued}, of which delivered=${delivered}, dropped=${dropped}${onDisk}`,
    );
  }

  /** Logs once that the other end is gone and once that it is back. The transport itself logs why it is denied. */
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
      this.logger.log(`the ${this.link.peer} is back; ${this.waiting} events waited for it`);
    }
  }

  private sayGone(): void {
    this.absence = undefined;
    if (this.state === 'refused') return;
    this.goneLogged = true;
    this.logger.warn(`the ${this.link.peer} is gone: ${this.noticeText ?? ''}`.trimEnd());
  }
}
