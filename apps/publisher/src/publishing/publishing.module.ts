import { ZmqClient, type BatchSent } from '@app/zmq-transport';
import { Module } from '@nestjs/common';
import { ClientsModule } from '@nestjs/microservices';
import { PublisherConfig } from '../config/publisher.config.js';
import { KeysModule } from './keys.module.js';
import { PublisherKeys } from './publisher-keys.js';
import { StageLatency } from './stage.latency.js';
import { StageLatencyModule } from './stage-latency.module.js';
import { ContractSerializer } from './contract.serializer.js';
import { deliveryOptions } from './trades-client.js';
import { LinkService } from './link.service.js';
import { SentTimeCodec } from './sent-time.codec.js';
import { TradeCodec } from './trade-codec.js';
import { TRADES_CLIENT } from './trades-client.token.js';

/** The way out: the ZeroMQ client as Nest's `ClientProxy`, and what is known about it. */
@Module({
  imports: [
    KeysModule,
    ClientsModule.registerAsync([
      {
        name: TRADES_CLIENT,
        imports: [StageLatencyModule, KeysModule],
        inject: [PublisherConfig, StageLatency, PublisherKeys],
        useFactory: (config: PublisherConfig, stages: StageLatency, { curve }: PublisherKeys) => ({
          customClass: ZmqClient,
          options: {
            pair: config.pair,
            connect: config.WEBAPP_ZMQ_ADDR,
            ...(curve && { curve }),
            serializer: new ContractSerializer(),
            codec: config.SENT_TIME === 'true' ? new SentTimeCodec() : new TradeCodec(),
            ...deliveryOptions(config),
            outbox: { maxEvents: config.OUTBOX_MAX_EVENTS, maxBytes: config.OUTBOX_MAX_BYTES },
            drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
            onBatchSent: (batch: BatchSent) => stages.observe(batch),
          },
        }),
      },
    ]),
  ],
  providers: [LinkService],
  exports: [ClientsModule, LinkService],
})
export class LinkModule {}
