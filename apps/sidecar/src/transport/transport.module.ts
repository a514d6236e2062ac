import { ZmqServer } from '@app/zmq-transport';
import { Module } from '@nestjs/common';
import { SidecarConfig } from '../config/sidecar.config.js';
import { ContractDeserializer } from '../intake/contract.deserializer.js';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { RejectionsService } from '../rejections/rejections.service.js';
import { toRejection } from './rejection.mapper.js';
import { transportMetrics } from './transport.metrics.js';

/** The ZeroMQ server as a provider: `main.ts` connects it, health and metrics look at it. */
@Module({
  imports: [RejectionsModule],
  providers: [
    {
      provide: ZmqServer,
      inject: [SidecarConfig, RejectionsService],
      useFactory: (config: SidecarConfig, rejections: RejectionsService) =>
        new ZmqServer({
          bind: config.SIDECAR_ZMQ_BIND,
          deserializer: new ContractDeserializer(),
          maxFrameBytes: config.MAX_FRAME_BYTES,
          maxBatchEvents: config.MAX_BATCH_EVENTS,
          drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
          onRejected: (message) => rejections.reject(toRejection(message)),
        }),
    },
    ...transportMetrics,
  ],
  exports: [ZmqServer],
})
export class TransportModule {}
