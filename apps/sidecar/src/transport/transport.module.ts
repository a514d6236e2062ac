import { ZmqModule, ZmqServer } from '@app/zmq-transport';
import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { SidecarConfig } from '../config/sidecar.config.js';
import { ContractDeserializer } from '../intake/contract.deserializer.js';
import { KeysModule } from '../keys/keys.module.js';
import { SidecarKeys } from '../keys/sidecar.keys.js';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { RejectionsService } from '../rejections/rejections.service.js';
import { toRejection } from './rejection.mapper.js';
import { transportMetrics } from './transport.metrics.js';

const zmq = ZmqModule.forRootAsync({
  imports: [RejectionsModule, KeysModule],
  server: {
    inject: [SidecarConfig, RejectionsService, SidecarKeys],
    useFactory: (config: SidecarConfig, rejections: RejectionsService, { curve }: SidecarKeys) => ({
      pair: config.ZMQ_PAIR,
      bind: config.SIDECAR_ZMQ_BIND,
      ...(curve && { curve }),
      deserializer: new ContractDeserializer(),
      maxFrameBytes: config.MAX_FRAME_BYTES,
      maxBatchEvents: config.MAX_BATCH_EVENTS,
      drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
      onRejected: (message) => rejections.reject(toRejection(message)),
    }),
  },
});

/** The ZeroMQ server as a provider: `main.ts` connects it, health and metrics look at it. */
@Module({ imports: [zmq, KeysModule], providers: transportMetrics, exports: [zmq] })
export class TransportModule implements OnApplicationBootstrap {
  constructor(
    private readonly server: ZmqServer,
    private readonly keys: SidecarKeys,
  ) {}

  onApplicationBootstrap(): void {
    this.keys.follow(() => this.server.rotateKeys());
  }
}
