import type { PostTraces } from '@app/service-kit';
import { ZmqClient, type ZmqClientOptions } from '@app/zmq-transport';
import type { PublisherConfig } from '../config/publisher.config.js';
import { linkNotice } from './link-notice.js';
import type { PublisherKeys } from './publisher-keys.js';
import {
  type AwaitedStage,
  type LinkStats,
  outboundOptions,
  type PublishedEvent,
  type TradeDelivery,
  TradesLink,
} from './trades-link.js';

/** The link to the sidecars over ZeroMQ. */
export class ZmqLink extends TradesLink {
  override readonly peer = 'sidecar';
  override readonly awaited: AwaitedStage | undefined;
  override readonly keepsEvents: boolean;
  protected override readonly client: ZmqClient;

  constructor(
    private readonly config: PublisherConfig,
    private readonly keys: PublisherKeys,
    traces: PostTraces | undefined,
  ) {
    super();
    const { pair } = config;
    this.awaited = config.DELIVERY === 'at-most-once' ? undefined : 'applied';
    // What is in the outbox with pub-sub is dropped before the client reads the answer.
    this.keepsEvents = pair !== 'pub-sub';
    this.client = new ZmqClient({
      pair,
      connect: config.WEBAPP_ZMQ_ADDR,
      ...(keys.curve && { curve: keys.curve }),
      ...deliveryOptions(config),
      ...outboundOptions(config, traces),
    });
  }

  override get notice(): string {
    const { state, refusal } = this.client.stats();
    return linkNotice({ delivery: this.config.DELIVERY, pair: this.config.pair, state, refusal });
  }

  override async open(): Promise<void> {
    await super.open();
    this.keys.follow(() => this.client.rotateKeys());
  }

  override async deliver(event: PublishedEvent): Promise<TradeDelivery> {
    const { id, stored, applied } = await this.client.deliver(event.type, event);
    return { id, taken: stored, reached: applied };
  }

  override stats(): LinkStats {
    return this.client.stats();
  }
}

/** The options for acknowledged delivery; none with DELIVERY=at-most-once. */
function deliveryOptions(config: PublisherConfig): Pick<ZmqClientOptions, 'delivery'> {
  const { DELIVERY: mode, SPOOL_OVERFLOW: overflow, PRODUCER_ID: producerId } = config;
  if (mode === 'at-most-once') return {};
  const common = { overflow, ...(producerId !== undefined && { producerId }) };
  return {
    delivery:
      mode === 'durable'
        ? { mode, directory: config.SPOOL_DIR, maxSpoolBytes: config.SPOOL_MAX_BYTES, ...common }
        : // In memory the bounds are those of the outbox.
          { mode, ...common },
  };
}
