import { METRICS, type TradeEvent, type TradeStage } from '@app/contracts';
import { BucketHistogram, ConfigurationError, type PostTraces } from '@app/service-kit';
import {
  type BatchSent,
  type ClientDeliveryStats,
  type ClientDrainReport,
  type LinkState,
  SpoolUnusableError,
  type ZmqClientStats,
} from '@app/zmq-transport';
import type { PublisherConfig } from '../config/publisher.config.js';
import { ContractSerializer, SentTimeCodec, TracedSerializer, TradeCodec } from './trade-codec.js';

/** An event of a type of EVENT_TYPES. */
export type ConfiguredEvent = Readonly<Record<string, unknown>> & { readonly type: string };
/** An event as it is sent: its `type` is the pattern. */
export type PublishedEvent = TradeEvent | ConfiguredEvent;

/** Injects the link that carries trades. */
export const TRADES_LINK = Symbol('TRADES_LINK');

/** What a post can wait for: its events are in the metrics, or the broker has stored them. */
export type AwaitedStage = 'applied' | 'stored';

/** An event that the link takes, for a caller that waits for it. */
export interface TradeDelivery {
  /** Names the event for logs and answers. */
  readonly id: string;
  /** Resolves when the event is taken: with DELIVERY=durable, when it is on the disk. */
  readonly taken: Promise<void>;
  /** Resolves when the event has reached the link's awaited stage; may take as long as the other end is away. */
  readonly reached: Promise<void>;
}

/** What links count; `delivery` is undefined where nothing is acknowledged. */
export type LinkStats = Omit<ZmqClientStats, 'delivery' | 'roundTripSeconds'> & {
  readonly delivery: ClientDeliveryStats | undefined;
};

/** How long a scrape waits for the other end's answer. */
const ROUND_TRIP_TIMEOUT_MS = 250;

/** What both transports' clients have. */
interface LinkClient {
  readonly linkState: LinkState;
  open(): Promise<void>;
  close(): Promise<ClientDrainReport>;
  offer(pattern: string, event: PublishedEvent): Promise<void> | undefined;
  ping(timeoutMs: number): Promise<number>;
  on(event: 'state', listener: (state: LinkState) => void): unknown;
}

/** What carries trades to the sidecars: ZeroMQ, or a NATS broker. */
export abstract class TradesLink {
  /** Who is at the other end. */
  abstract readonly peer: 'sidecar' | 'broker';
  /** What a post can wait for; undefined where nothing comes back. */
  abstract readonly awaited: AwaitedStage | undefined;
  /** False where events do not wait for the other end. */
  abstract readonly keepsEvents: boolean;
  protected abstract readonly client: LinkClient;

  /** Cheap: every answer asks for it. */
  get state(): LinkState {
    return this.client.linkState;
  }

  /** What happens to events while the link is not up, in plain words. */
  abstract get notice(): string;

  /**
   * Opens without waiting for the other end.
   * @throws ConfigurationError for a setting with which the next start would fail too
   */
  async open(): Promise<void> {
    try {
      await this.client.open();
    } catch (error) {
      if (!(error instanceof SpoolUnusableError)) throw error;
      throw new ConfigurationError([{ key: 'SPOOL_DIR', message: error.message }]);
    }
  }

  /** Sends what waits, for at most DRAIN_TIMEOUT_MS. Further calls give the same report. */
  close(): Promise<ClientDrainReport> {
    return this.client.close();
  }

  /**
   * Takes an event.
   * @returns undefined when it is taken, otherwise a promise of that
   * @throws the client's own error, such as a full outbox
   */
  offer(event: PublishedEvent): Promise<void> | undefined {
    return this.client.offer(event.type, event);
  }

  /** Takes an event and lets its caller follow it. Only where there is an awaited stage. */
  abstract deliver(event: PublishedEvent): Promise<TradeDelivery>;
  abstract stats(): LinkStats;

  /** A round trip to the other end, in seconds. @throws ZmqTransportError where there is none in time */
  ping(): Promise<number> {
    return this.client.ping(ROUND_TRIP_TIMEOUT_MS);
  }

  onState(listener: (state: LinkState) => void): void {
    this.client.on('state', listener);
  }
}

const STAGE: TradeStage = 'accepted_to_sent';

/** Options of both clients: the form of a message, its bounds, and the observer of each message. */
export function outboundOptions(config: PublisherConfig, traces: PostTraces | undefined) {
  return {
    serializer: traces === undefined ? new ContractSerializer() : new TracedSerializer(traces),
    codec: config.SENT_TIME === 'true' ? new SentTimeCodec() : new TradeCodec(),
    outbox: { maxEvents: config.OUTBOX_MAX_EVENTS, maxBytes: config.OUTBOX_MAX_BYTES },
    drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
    onBatchSent: waitObserver(),
  };
}

/** Observes how long trades wait, from acceptance until the transport took their message. */
function waitObserver(): (batch: BatchSent) => void {
  // Looked up once: by label it would cost for every message.
  const waits = new BucketHistogram(METRICS.stageLatency).series({ stage: STAGE });
  return ({ accepted, sentAtSeconds }) => {
    // Hot path: events that were accepted at one time are one addition.
    for (const { atSeconds, events } of accepted) waits.add(Math.max(0, sentAtSeconds - atSeconds), events);
  };
}
