import { METRICS, type TradeStage } from '@app/contracts';
import { BucketHistogram } from '@app/service-kit';
import { type BatchSent, ZmqClient, type ZmqClientOptions } from '@app/zmq-transport';
import type { FactoryProvider } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { PublisherKeys } from './publisher-keys.js';
import { ContractSerializer, SentTimeCodec, TradeCodec } from './trade-codec.js';

/** Injects the Nest `ClientProxy` that sends trades to the sidecars. */
export const TRADES_CLIENT = Symbol('TRADES_CLIENT');

/** Makes the client from the settings. `LinkService` opens it and closes it. */
export const tradesClientProvider: FactoryProvider<ZmqClient> = {
  provide: TRADES_CLIENT,
  inject: [PublisherConfig, PublisherKeys],
  useFactory: (config: PublisherConfig, { curve }: PublisherKeys) =>
    new ZmqClient({
      pair: config.pair,
      connect: config.WEBAPP_ZMQ_ADDR,
      ...(curve && { curve }),
      serializer: new ContractSerializer(),
      codec: config.SENT_TIME === 'true' ? new SentTimeCodec() : new TradeCodec(),
      ...deliveryOptions(config),
      outbox: { maxEvents: config.OUTBOX_MAX_EVENTS, maxBytes: config.OUTBOX_MAX_BYTES },
      drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
      onBatchSent: waitObserver(),
    }),
};

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

const STAGE: TradeStage = 'accepted_to_sent';

/** Observes how long trades wait in the outbox and for the socket, from acceptance until libzmq took their message. */
function waitObserver(): (batch: BatchSent) => void {
  // Looked up once: by label it would cost for every message.
  const waits = new BucketHistogram(METRICS.stageLatency).series({ stage: STAGE });
  return ({ accepted, sentAtSeconds }) => {
    // Hot path: events that were accepted at one time are one addition.
    for (const { atSeconds, events } of accepted) waits.add(Math.max(0, sentAtSeconds - atSeconds), events);
  };
}
