import { BrokerUnfitError, JetStreamClient } from '@app/jetstream-transport';
import { ConfigurationError, type NatsOptions, natsSettingOf, type PostTraces } from '@app/service-kit';
import type { PublisherConfig } from '../config/publisher.config.js';
import { brokerNotice } from './link-notice.js';
import {
  type LinkStats,
  outboundOptions,
  type PublishedEvent,
  type TradeDelivery,
  TradesLink,
} from './trades-link.js';

/** The link to a NATS broker, which stores the events for the sidecars. Nothing is lost on the way, whatever DELIVERY is. */
export class NatsLink extends TradesLink {
  override readonly peer = 'broker';
  override readonly awaited = 'stored';
  override readonly keepsEvents = true;
  protected override readonly client: JetStreamClient;

  constructor(
    nats: NatsOptions,
    private readonly config: PublisherConfig,
    traces: PostTraces | undefined,
  ) {
    super();
    this.client = new JetStreamClient({
      ...nats,
      name: 'trading-telemetry publisher',
      ...outboundOptions(config, traces),
      overflow: config.SPOOL_OVERFLOW,
      ...(config.delivery === 'durable' && {
        spool: { directory: config.SPOOL_DIR, maxBytes: config.SPOOL_MAX_BYTES },
      }),
    });
  }

  override get notice(): string {
    const { refusal } = this.client.stats();
    return brokerNotice({ delivery: this.config.delivery, refusal });
  }

  override async open(): Promise<void> {
    await this.assertFit();
    await super.open();
  }

  override async deliver(event: PublishedEvent): Promise<TradeDelivery> {
    const { id, spooled, stored } = await this.client.deliver(event.type, event);
    return { id, taken: spooled, reached: stored };
  }

  /** An event is sent, and acknowledged, when the broker has stored it. */
  override stats(): LinkStats {
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
        credit: isUp ? stats.maxUnconfirmedEvents : 0,
        blocked: stats.blocked,
        acknowledged: stored,
        resent: stats.repeatedEvents,
        failed: stats.failed,
        fault: stats.spoolFault,
      },
    };
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
