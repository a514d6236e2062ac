import { TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { ConfigurationError } from '@app/service-kit';
import {
  type ClientDrainReport,
  type LinkState,
  SpoolUnusableError,
  ZmqClient,
  type ZmqClientOptions,
} from '@app/zmq-transport';
import type { PublisherConfig } from '../config/publisher.config.js';
import { linkNotice } from './link-notice.js';
import type { PublisherKeys } from './publisher-keys.js';
import {
  type AwaitedStage,
  type LinkStats,
  outboundOptions,
  ROUND_TRIP_TIMEOUT_MS,
  type TradeDelivery,
  type TradesLink,
} from './trades-link.js';

/** The link to the sidecars over ZeroMQ. */
export class ZmqLink implements TradesLink {
  readonly peer = 'sidecar';
  readonly awaited: AwaitedStage | undefined;
  readonly keepsEvents: boolean;
  private readonly client: ZmqClient;

  constructor(
    private readonly config: PublisherConfig,
    private readonly keys: PublisherKeys,
  ) {
    const { pair } = config;
    this.awaited = config.DELIVERY === 'at-most-once' ? undefined : 'applied';
    // What is in the outbox with pub-sub is dropped before the client reads the answer.
    this.keepsEvents = pair !== 'pub-sub';
    this.client = new ZmqClient({
      pair,
      connect: config.WEBAPP_ZMQ_ADDR,
      ...(keys.curve && { curve: keys.curve }),
      ...deliveryOptions(config),
      ...outboundOptions(config),
    });
  }

  get state(): LinkState {
    return this.client.linkState;
  }

  get notice(): string {
    const { state, refusal } = this.client.stats();
    return linkNotice({ delivery: this.config.DELIVERY, pair: this.config.pair, state, refusal });
  }

  async open(): Promise<void> {
    try {
      await this.client.open();
    } catch (error) {
      if (!(error instanceof SpoolUnusableError)) throw error;
      throw new ConfigurationError([{ key: 'SPOOL_DIR', message: error.message }]);
    }
    this.keys.follow(() => this.client.rotateKeys());
  }

  close(): Promise<ClientDrainReport> {
    return this.client.close();
  }

  offer(trade: TradeEvent): Promise<void> | undefined {
    return this.client.offer(TRADE_PATTERN, trade);
  }

  async deliver(trade: TradeEvent): Promise<TradeDelivery> {
    const { id, stored, applied } = await this.client.deliver(TRADE_PATTERN, trade);
    return { id, taken: stored, reached: applied };
  }

  stats(): LinkStats {
    return this.client.stats();
  }

  ping(): Promise<number> {
    return this.client.ping(ROUND_TRIP_TIMEOUT_MS);
  }

  onState(listener: (state: LinkState) => void): void {
    this.client.on('state', listener);
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
