import { LONGEST_WINDOW_SECONDS, METRICS } from '@app/contracts';
import {
  BrokerUnfitError,
  JetStreamServer,
  type JetStreamServerStats,
  type PartitionStats,
} from '@app/jetstream-transport';
import {
  ConfigurationError,
  type NatsOptions,
  natsSettingOf,
  pulledCounter,
  pulledGauges,
} from '@app/service-kit';
import type { SidecarConfig } from '../config/sidecar.config.js';
import type { PartitionCounts } from '../counting/partition-counts.js';
import { ContractDeserializer, Intake, type IntakeHealth } from './intake.js';
import type { RejectionsService } from './rejections/rejections.service.js';

/** Trades come in through the partitions of a NATS JetStream stream, and are counted by partition. */
export class JetStreamIntake extends Intake {
  override readonly server: JetStreamServer;

  constructor(
    private readonly config: SidecarConfig,
    nats: NatsOptions,
    rejections: RejectionsService,
    counts: PartitionCounts,
  ) {
    super(rejections);
    this.server = new JetStreamServer({
      ...nats,
      name: `sidecar ${config.SIDECAR_SHARD}`,
      shard: config.shard,
      state: counts,
      refillMs: LONGEST_WINDOW_SECONDS * 1000,
      deserializer: new ContractDeserializer(),
      maxFrameBytes: config.MAX_FRAME_BYTES,
      maxBatchEvents: config.MAX_BATCH_EVENTS,
      drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
      onRejected: (message) => rejections.take(message),
    });
    this.registerMetrics();
  }

  /** Through the stream, as its producer did: the counts of a partition only change together with its position. */
  override readonly resend = async (id: string, event: object): Promise<void> => {
    const [partition = 0] = this.config.partitions;
    await this.server.store(partition, JSON.stringify(event), `replay-${id}`);
  };

  override follow(): void {
    // Nothing to follow: no other work changes the counts, and there are no CURVE keys.
  }

  override ready(): IntakeHealth {
    const { broker, partitions, refusal } = this.server.stats();
    const fault =
      refusal ??
      (broker === 'connected'
        ? faultOf(partitions)
        : 'no NATS server answers (NATS_URL): nothing is counted until one does; the sidecar tries again by itself');
    const owned = partitions.filter(({ isOwned }) => isOwned).map(({ partition }) => partition);
    return { name: 'broker', fault, details: { partitions: owned } };
  }

  /** A broker that is away comes back without a restart, and a restart would only take partitions from their new owner. */
  override live(): IntakeHealth {
    const { state } = this.server.stats();
    const fault = state === 'listening' ? undefined : `the intake is ${state}; restart the sidecar`;
    return { name: 'broker', fault };
  }

  override explain(error: unknown): unknown {
    if (!(error instanceof BrokerUnfitError)) return error;
    return new ConfigurationError([
      { key: natsSettingOf(error.option, this.config), message: error.message },
    ]);
  }

  protected override stats(): JetStreamServerStats {
    return this.server.stats();
  }

  private registerMetrics(): void {
    const { server } = this;
    pulledCounter(METRICS.transportReconnects, () => server.stats().reconnects);
    pulledCounter(METRICS.deliveryRetries, () => server.stats().retries);
    const byPartition = (
      definition: 'brokerPending' | 'brokerUnacknowledged' | 'brokerLag',
      figure: 'pending' | 'unacknowledged' | 'lagSeconds',
    ): void => {
      pulledGauges(METRICS[definition], (set) => {
        for (const stats of server.stats().partitions) {
          if (stats.isOwned) set({ partition: String(stats.partition) }, stats[figure]);
        }
      });
    };
    byPartition('brokerPending', 'pending');
    byPartition('brokerUnacknowledged', 'unacknowledged');
    byPartition('brokerLag', 'lagSeconds');
  }
}

/** The faults of partitions in one sentence: those of another owner first, which do not pass by themselves. */
function faultOf(partitions: readonly PartitionStats[]): string | undefined {
  const taken = named(partitions, ({ otherOwner }) => otherOwner);
  if (taken !== '') return `another process counts ${taken}; check SIDECAR_SHARD, and end one of the two`;
  const stopped = named(partitions, ({ fault }) => fault);
  if (stopped !== '') return `not counted now, the sidecar tries again: ${stopped}`;
  const waiting = named(partitions, ({ isOwned }) => (isOwned ? undefined : 'not taken yet'));
  return waiting === '' ? undefined : waiting;
}

/** `partition 0, 2: …`, with the partitions of one text together; empty when none has a text. */
function named(
  partitions: readonly PartitionStats[],
  textOf: (stats: PartitionStats) => string | undefined,
): string {
  const byText = new Map<string, number[]>();
  for (const stats of partitions) {
    const text = textOf(stats);
    if (text !== undefined) byText.set(text, [...(byText.get(text) ?? []), stats.partition]);
  }
  return [...byText].map(([text, numbers]) => `partition ${numbers.join(', ')}: ${text}`).join('; ');
}
