import { BindFailedError, ZmqModule, ZmqServer, type ZmqServerStats } from '@app/zmq-transport';
import type { INestApplication } from '@nestjs/common';
import { SidecarConfig } from '../config/sidecar.config.js';
import { SidecarKeys } from '../config/sidecar-keys.js';
import { CountingModule } from '../counting/counting.module.js';
import { StateWriter } from '../counting/state/state-writer.js';
import { TradeLedger } from '../counting/state/trade-ledger.js';
import { ContractDeserializer } from './contract-deserializer.js';
import { IntakeModule } from './intake.module.js';
import { RejectionsService } from './rejections/rejections.service.js';

/** Provides the `ZmqServer` that receives the trades: `connectIntake` starts it, health and metrics read it. */
export const tradeServer = ZmqModule.forRootAsync({
  imports: [IntakeModule, CountingModule],
  server: {
    inject: [SidecarConfig, SidecarKeys, RejectionsService, StateWriter, TradeLedger],
    useFactory: (
      config: SidecarConfig,
      { curve }: SidecarKeys,
      rejections: RejectionsService,
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
      // Without acknowledgements nobody waits for the disk: the saver writes once a second.
      ...(config.DELIVERY !== 'at-most-once' && keepsState && { delivery: { ledger } }),
    }),
  },
});

/**
 * Starts to receive trades; resolves when the server listens. Call it before HTTP listens, so that a sidecar that answers
 * HTTP also counts.
 *
 * @throws BindFailedError when an address is in use or cannot be bound
 */
export async function connectIntake(app: INestApplication): Promise<void> {
  // Without the pipes and filters of HTTP: they would run for each batch, and trades have their own check.
  app.connectMicroservice({ strategy: app.get(ZmqServer) }, { inheritAppConfig: false });
  await app.startAllMicroservices();
}

/**
 * Events received, and messages in which no event could be read. Every one is applied or rejected in the end, so the
 * counters add up. The transport cannot know how many events an unreadable message was meant to hold.
 */
export function receivedInputs({ received, rejected }: ZmqServerStats): number {
  return received + rejected.malformed + rejected.frame_count + rejected.oversize + rejected.batch_size;
}

/** One line for an address that cannot be bound; undefined for any other error. */
export function explainIntakeFailure(error: unknown): string | undefined {
  if (!(error instanceof BindFailedError)) return undefined;
  return error.reason === 'EADDRINUSE'
    ? `ZeroMQ address ${error.address} is already in use; set SIDECAR_ZMQ_BIND to another`
    : `ZeroMQ ${error.message}; set SIDECAR_ZMQ_BIND to an address of this machine`;
}
