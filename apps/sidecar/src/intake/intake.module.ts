import { natsOptions } from '@app/service-kit';
import { type DrainingServer, TransportServerModule } from '@app/transport-core';
import { Inject, Module } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { SidecarConfig } from '../config/sidecar.config.js';
import { SidecarKeys } from '../config/sidecar-keys.js';
import { CountingModule } from '../counting/counting.module.js';
import { PartitionCounts } from '../counting/partition-counts.js';
import { StateWriter } from '../counting/state/state-writer.js';
import { BatchTurns, TradeLedger } from '../counting/state/trade-ledger.js';
import { ConfiguredEvents } from './configured-events.js';
import { Intake } from './intake.js';
import { JetStreamIntake } from './jetstream-intake.js';
import { DeadLettersController } from './rejections/dead-letters.controller.js';
import { LetterReplayer } from './rejections/letter-replayer.js';
import { RejectionsService } from './rejections/rejections.service.js';
import { TradesController } from './trades.controller.js';
import { ZmqIntake } from './zmq-intake.js';

/** The intake that the settings ask for. */
function createIntake(
  config: SidecarConfig,
  rejections: RejectionsService,
  keys: SidecarKeys,
  counts: PartitionCounts,
  turns: BatchTurns,
  { keepsState }: StateWriter,
  ledger: TradeLedger,
): Intake {
  const nats = natsOptions(config);
  return nats === undefined
    ? new ZmqIntake(config, rejections, keys, { turns, ledger: keepsState ? ledger : undefined })
    : new JetStreamIntake(config, nats, rejections, counts);
}

/**
 * Takes events in: valid trades go to the recorder, everything else becomes a dead letter. It drains its server before any
 * provider is destroyed.
 */
@Module({
  imports: [CountingModule],
  controllers: [TradesController, DeadLettersController],
  providers: [
    RejectionsService,
    ConfiguredEvents,
    LetterReplayer,
    {
      provide: Intake,
      inject: [
        SidecarConfig,
        RejectionsService,
        SidecarKeys,
        PartitionCounts,
        BatchTurns,
        StateWriter,
        TradeLedger,
      ],
      useFactory: createIntake,
    },
  ],
  exports: [ConfiguredEvents, Intake, RejectionsService],
})
export class IntakeModule extends TransportServerModule<DrainingServer> {
  constructor(@Inject(Intake) { server }: Intake, @Inject(ModulesContainer) modules: ModulesContainer) {
    super(server, modules);
  }
}
