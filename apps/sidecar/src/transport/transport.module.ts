import { ZmqModule, ZmqServer } from '@app/zmq-transport';
import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { SidecarConfig } from '../config/sidecar.config.js';
import { ContractDeserializer } from '../intake/contract.deserializer.js';
import { KeysModule } from '../keys/keys.module.js';
import { SidecarKeys } from '../keys/sidecar.keys.js';
import { StateModule } from '../state/state.module.js';
import { StateWriter } from '../state/state.writer.js';
import { TradeLedger } from '../state/trade.ledger.js';
import { RejectionIntakeModule } from './rejection-intake.module.js';
import { RejectionIntake } from './rejection.intake.js';
import { DeliveryMetrics, TransportMetrics } from './transport.metrics.js';

const zmq = ZmqModule.forRootAsync({
  imports: [RejectionIntakeModule, KeysModule, StateModule],
  server: {
    inject: [SidecarConfig, RejectionIntake, SidecarKeys, StateWriter, TradeLedger],
    useFactory: (
      config: SidecarConfig,
      rejections: RejectionIntake,
      { curve }: SidecarKeys,
      { keepsState }: StateWriter,
      ledger: TradeLedger,
    ) => ({
      pair: config.pair,
      bind: config.SIDECAR_ZMQ_BIND,
      ...(curve && { curve }),
      deserializer: new ContractDeserializer(),
      maxFrameBytes: config.MAX_FRAME_BYTES,
      maxBatchEvents: config.MAX_BATCH_EVENTS,
      drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
      onRejected: (message) => rejections.take(message),
      // Without it what is kept is saved once a second: then nobody waits for the disk.
      ...(config.DELIVERY !== 'at-most-once' && keepsState && { delivery: { ledger } }),
    }),
  },
});

/** The ZeroMQ server as a provider: `main.ts` connects it, health and metrics look at it. */
@Module({
  imports: [zmq, KeysModule, RejectionIntakeModule],
  providers: [TransportMetrics, DeliveryMetrics],
  exports: [zmq],
})
export class TransportModule implements OnApplicationBootstrap {
  constructor(
    private readonly server: ZmqServer,
    private readonly keys: SidecarKeys,
  ) {}

  onApplicationBootstrap(): void {
    this.keys.follow(() => this.server.rotateKeys());
  }
}
