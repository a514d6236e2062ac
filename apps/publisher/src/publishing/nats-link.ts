import { TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { BrokerUnfitError, JetStreamClient, SpoolUnusableError } from '@app/jetstream-transport';
import { ConfigurationError, type NatsOptions, natsSettingOf } from '@app/service-kit';
import type { ClientDrainReport, LinkState } from '@app/zmq-transport';
import type { PublisherConfig } from '../config/publisher.config.js';
import { brokerNotice } from './link-notice.js';
import {
  type LinkStats,
  outboundOptions,
  ROUND_TRIP_TIMEOUT_MS,
  type TradeDelivery,
  type TradesLink,
} from './trades-link.js';

/** How much may be on its way to the broker at once. */
const MAX_UNCONFIRMED = 64;
const MAX_BATCH_EVENTS = 256;

/** The link to a NATS broker, which stores the events for the sidecars. Nothing is lost on the way, whatever DELIVERY is. */
export class NatsLink implements TradesLink {
  readonly peer = 'broker';
  readonly awaited = 'stored';
  readonly keepsEvents = true;
  private readonly client: JetStreamClient;

  constructor(
    nats: NatsOptions,
    private readonly config: PublisherConfig,
  ) {
    this.client = new JetStreamClient({
      ...nats,
      name: 'trading-telemetry publisher',
      ...outboundOptions(config),
      overflow: config.SPOOL_OVERFLOW,
      maxUnconfirmed: MAX_UNCONFIRMED,
      maxBatchEvents: MAX_BATCH_EVENTS,
      ...(config.delivery === 'durable' && {
        spool: { directory: config.SPOOL_DIR, maxBytes: config.SPOOL_MAX_BYTES },
      }),
    });
  }

  get state(): LinkState {
    return this.client.linkState;
  }

  get notice(): string {
    const { refusal } = this.client.stats();
    return brokerNotice({ delivery: this.config.delivery, refusal });
  }

  async open(): Promise<void> {
    await this.assertFit();
    try {
      await this.client.open();
    } catch (error) {
      if (!(error instanceof SpoolUnusableError)) throw error;
      throw new ConfigurationError([{ key: 'SPOOL_DIR', message: error.message }]);
    }
  }

  close(): Promise<ClientDrainReport> {
    return this.client.close();
  }

  offer(trade: TradeEvent): Promise<void> | undefined {
    return this.client.offer(TRADE_PATTERN, trade);
  }

  async deliver(trade: TradeEvent): Promise<TradeDelivery> {
    const { id, spooled, stored } = await this.client.deliver(TRADE_PATTERN, trade);
    return { id, taken: spooled, reached: stored };
  }

  /** An event is sent, and acknowledged, when the broker has stored it. */
  stats(): LinkStats {
    const stats = this.client.stats();
    const { state, refusal, accepted, stored, batches, publishedBytes, reconnects, drops } = stats;
    const isUp = state === 'connected';
    return {
      state,
      refusal,
      peers: isUp ? 1 : 0,
      // All that waits is unacknowledged: `delivery` has it.
      queuedEvents: 0,
      queuedBytes: 0,
      maxQueuedEvents: this.config.OUTBOX_MAX_EVENTS,
      maxQueuedBytes: this.config.OUTBOX_MAX_BYTES,
      accepted,
      sent: stored,
      sentBytes: publishedBytes,
      batches,
      reconnects,
      denials: 0,
      drops,
      pendingRequests: 0,
      delivery: {
        unacknowledgedEvents: stats.queuedEvents,
        unacknowledgedBytes: stats.queuedBytes,
        oldestUnacknowledgedSeconds: stats.oldestQueuedSeconds,
        credit: isUp ? MAX_UNCONFIRMED * MAX_BATCH_EVENTS : 0,
        blocked: stats.blocked,
        acknowledged: stored,
        resent: stats.repeatedEvents,
        failed: stats.failed,
        fault: stats.spoolFault,
      },
    };
  }

  ping(): Promise<number> {
    return this.client.ping(ROUND_TRIP_TIMEOUT_MS);
  }

  onState(listener: (state: LinkState) => void): void {
    this.client.on('state', listener);
  }

  /** @throws ConfigurationError when the broker is there and does not fit the settings */
  private async assertFit(): Promise<void> {
    try {
      await this.client.check();
    } catch (error) {
      if (error instanceof BrokerUnfitError) {
        const key = natsSettingOf(error.option, this.config);
        throw new ConfigurationError([{ key, message: error.message }]);
      }
      // A broker that is away is no failure of this start: the client says why, and tries again.
    }
  }
}
