import { METRICS } from '@app/contracts';
import { pulledCounter, pulledGauge } from '@app/service-kit';
import { BindFailedError, ZmqServer, type ZmqServerStats } from '@app/zmq-transport';
import type { SidecarConfig } from '../config/sidecar.config.js';
import type { SidecarKeys } from '../config/sidecar-keys.js';
import type { BatchTurns, TradeLedger } from '../counting/state/trade-ledger.js';
import { ContractDeserializer, Intake, type IntakeHealth } from './intake.js';
import type { RejectionsService } from './rejections/rejections.service.js';

/** What keeps the state of acknowledged events. */
export interface KeptBatches {
  readonly turns: BatchTurns;
  /** Undefined: no state is kept. */
  readonly ledger: TradeLedger | undefined;
}

/** Trades come in over ZeroMQ. */
export class ZmqIntake extends Intake {
  override readonly server: ZmqServer;

  constructor(
    config: SidecarConfig,
    rejections: RejectionsService,
    private readonly keys: SidecarKeys,
    private readonly kept: KeptBatches,
  ) {
    super(rejections);
    const { curve } = keys;
    const { ledger } = kept;
    this.server = new ZmqServer({
      pair: config.pair,
      bind: config.SIDECAR_ZMQ_BIND,
      ...(curve && { curve }),
      deserializer: new ContractDeserializer(),
      maxFrameBytes: config.MAX_FRAME_BYTES,
      maxBatchEvents: config.MAX_BATCH_EVENTS,
      drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
      onRejected: (message) => rejections.take(message),
      // Without acknowledgements nobody waits for the disk: the saver writes once a second.
      ...(config.DELIVERY !== 'at-most-once' && ledger && { delivery: { ledger } }),
    });
    this.registerPeers();
    this.registerDelivery();
  }

  override follow(): void {
    this.kept.turns.follow(this.server);
    this.keys.follow(() => this.server.rotateKeys());
  }

  override ready(): IntakeHealth {
    const { boundAddresses: addresses, isReceiving } = this.server;
    const fault = isReceiving ? undefined : 'the receive loop has stopped; restart the sidecar';
    return { name: 'pull_loop', fault, details: { addresses } };
  }

  /** Only a restart starts the receive loop again after it has ended. */
  override live(): IntakeHealth {
    return this.ready();
  }

  override explain(error: unknown): unknown {
    return error;
  }

  protected override stats(): ZmqServerStats {
    return this.server.stats();
  }

  protected override get failedHandlers(): number {
    return this.failedEvents + this.server.stats().failedRequests;
  }

  private registerPeers(): void {
    const { server } = this;
    pulledCounter(METRICS.transportRefusedPeers, () => server.stats().deniedPeers);
    pulledGauge(METRICS.transportPeers, () => server.stats().peers);
    pulledGauge(METRICS.transportPendingRequests, () => server.stats().runningRequests);
    pulledCounter(METRICS.transportMissed, () => server.stats().missed);
    pulledCounter(METRICS.transportDroppedReplies, () => server.stats().droppedReplies);
  }

  /** Acknowledged delivery. */
  private registerDelivery(): void {
    const { server } = this;
    pulledGauge(METRICS.deliveryProducers, () => server.stats().delivery.producers);
    pulledGauge(METRICS.deliveryQueued, () => server.stats().delivery.queuedEvents);
    pulledCounter(METRICS.deliveryDuplicates, () => server.stats().delivery.duplicates);
    pulledCounter(METRICS.deliveryRetries, () => server.stats().delivery.retries);
    pulledCounter(METRICS.deliveryCommitFailures, () => server.stats().delivery.commitFailures);
    pulledCounter(METRICS.deliveryForgotten, () => server.stats().delivery.forgotten);
    pulledCounter(METRICS.deliveryStale, () => server.stats().delivery.stale);
  }
}

/** One line for an address that cannot be bound; undefined for any other error. */
export function explainIntakeFailure(error: unknown): string | undefined {
  if (!(error instanceof BindFailedError)) return undefined;
  return error.reason === 'EADDRINUSE'
    ? `ZeroMQ address ${error.address} is already in use; set SIDECAR_ZMQ_BIND to another`
    : `ZeroMQ ${error.message}; set SIDECAR_ZMQ_BIND to an address of this machine`;
}
