import { DELIVERY_MODES, type DeliveryMode, MAX_QTY, RESERVED_NAMES } from '@app/contracts';
import { type MetricsFile, mostPackedBytes, parseMetricsFile, readText } from '@app/event-metrics';
import { partitionsOf, serversFault, type Shard } from '@app/jetstream-transport';
import { assertOnlyLink, loadConfig, NatsSettings, toListWithoutGaps, UsableBy } from '@app/service-kit';
import { endpointsFault, readServerKeys, SOCKET_PAIRS, type SocketPair } from '@app/zmq-transport';
import { Transform, Type } from 'class-transformer';
import { ArrayNotEmpty, IsIn, IsInt, IsOptional, IsPositive, IsString, Max, Min } from 'class-validator';

const MIB = 1024 * 1024;
/** Known by its identity: a SIDECAR_ZMQ_BIND that was set, also to the same address, is another array. */
const DEFAULT_ADDRESSES: readonly string[] = ['tcp://127.0.0.1:5555'];
/** `2/8`, or `sidecar-2/8`: the name of a pod ends with its number. */
const SHARD = /^(?:\S*-)?(\d{1,3})\/(\d{1,3})$/;

function usableAddresses({ SIDECAR_ZMQ_BIND }: SidecarConfig): void {
  const fault = endpointsFault(SIDECAR_ZMQ_BIND, 'bind');
  if (fault !== undefined) throw new Error(fault);
  if (SIDECAR_ZMQ_BIND.some((address) => address.startsWith('inproc:'))) {
    throw new Error('no client outside of this process can reach inproc://; use tcp:// or ipc://');
  }
}

/** Only DEALER/ROUTER can carry acknowledgements. */
function pairFitsDelivery({ DELIVERY, ZMQ_PAIR }: SidecarConfig): void {
  if (DELIVERY !== 'at-most-once' && ZMQ_PAIR !== 'dealer-router') {
    throw new Error(`DELIVERY=${DELIVERY} needs ZMQ_PAIR=dealer-router: set it, or remove ZMQ_PAIR`);
  }
}

/** Events come in one way: over ZeroMQ, or through the broker. */
function usableBroker(settings: SidecarConfig): void {
  const { NATS_URL = [], SIDECAR_ZMQ_BIND, ZMQ_PAIR, CURVE_KEYS, SIDECAR_STATE_DIR } = settings;
  assertOnlyLink(serversFault(NATS_URL), {
    SIDECAR_ZMQ_BIND: SIDECAR_ZMQ_BIND !== DEFAULT_ADDRESSES,
    ZMQ_PAIR: ZMQ_PAIR !== undefined,
    CURVE_KEYS: CURVE_KEYS !== undefined,
  });
  if (SIDECAR_STATE_DIR !== undefined) {
    throw new Error('with NATS_URL the broker keeps the counts: remove SIDECAR_STATE_DIR, or NATS_URL');
  }
}

/** The counts of a partition are one record of the broker, whose messages have 1 MiB at most. */
const MAX_RECORD_BYTES = 256 * 1024;

/**
 * The file of SIDECAR_METRICS.
 *
 * @param text what stands in it, if that is known
 * @throws MetricsFileError with every fault; Error when the broker cannot keep its counts
 */
export function metricsFileOf(
  { SIDECAR_METRICS: path = '', NATS_URL }: SidecarConfig,
  text = readText(path),
): MetricsFile {
  const file = parseMetricsFile(text, RESERVED_NAMES, path);
  const bytes = mostPackedBytes([...file.events.values()].flatMap(({ metrics }) => metrics));
  if (NATS_URL !== undefined && bytes > MAX_RECORD_BYTES) {
    throw new Error(
      `its counts may take ${bytes} bytes of a partition's record in the broker, which holds at most ${MAX_RECORD_BYTES}: lower \`max\``,
    );
  }
  return file;
}

function usableShard({ NATS_URL, SIDECAR_SHARD, NATS_PARTITIONS }: SidecarConfig): void {
  const shard = shardOf(SIDECAR_SHARD);
  if (shard === undefined) throw new Error('write INDEX/COUNT, such as 0/2 and 1/2 for two sidecars');
  const { index, count } = shard;
  if (count > NATS_PARTITIONS) {
    throw new Error(`${count} sidecars cannot share ${NATS_PARTITIONS} partitions (NATS_PARTITIONS)`);
  }
  if (index >= count) throw new Error(`INDEX must be less than COUNT: the first of ${count} sidecars has 0`);
  if (NATS_URL === undefined && count > 1) {
    throw new Error('only sidecars behind a broker share the work: set NATS_URL, or remove SIDECAR_SHARD');
  }
}

function shardOf(text: string): Shard | undefined {
  const [, index, count] = SHARD.exec(text) ?? [];
  return count === undefined ? undefined : { index: Number(index), count: Number(count) };
}

/** The sidecar's settings beyond those of every service; a property is an environment key, its initializer the default. */
export class SidecarConfig extends NatsSettings {
  override PORT = 8001;

  /** All streams that the publisher forwards come from its one address. */
  override HTTP_STREAMS_PER_ADDRESS = 192;

  @UsableBy(usableBroker)
  override NATS_URL?: string[];

  /** Which partitions this sidecar counts: those p with p mod COUNT = INDEX. INDEX may be the end of a pod's name. */
  @UsableBy(usableShard)
  SIDECAR_SHARD = '0/1';

  /** Where ZeroMQ listens; the environment gives several separated by commas. */
  @Transform(toListWithoutGaps)
  @ArrayNotEmpty()
  @UsableBy(usableAddresses)
  SIDECAR_ZMQ_BIND: readonly string[] = DEFAULT_ADDRESSES;

  /** How safe the delivery of an accepted event is. The publisher needs the same setting. */
  @IsIn(DELIVERY_MODES)
  DELIVERY: DeliveryMode = 'at-most-once';

  /** The sockets that carry events. The publisher needs the same setting. Not set: as DELIVERY needs, see `pair`. */
  @IsOptional()
  @IsIn(SOCKET_PAIRS)
  @UsableBy(pairFitsDelivery)
  ZMQ_PAIR?: SocketPair;

  /** Folder of CURVE keys: only clients on its allow-list may send. Not set: anyone who reaches the port may. */
  @IsOptional()
  @UsableBy(({ CURVE_KEYS }: SidecarConfig) => readServerKeys(CURVE_KEYS ?? ''))
  CURVE_KEYS?: string;

  /** Largest frame that is read, in bytes. */
  @Type(() => Number)
  @IsInt()
  @Min(64)
  @Max(16 * MIB)
  MAX_FRAME_BYTES = MIB;

  /** Most events in one batch. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  MAX_BATCH_EVENTS = 65_536;

  /** Most dead letters kept in memory. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  DEAD_LETTER_MAX_COUNT = 1_000;

  /** Most bytes of dead letters kept in memory. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  DEAD_LETTER_MAX_BYTES = 4 * MIB;

  /** Dead letters are appended to this file as NDJSON. Not set: no file. */
  @IsOptional()
  @IsString()
  DEAD_LETTER_FILE?: string;

  /** Largest size of that file, in bytes: hostile input must not fill the disk. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  DEAD_LETTER_FILE_MAX_BYTES = 100 * MIB;

  /** Folder that keeps counts, positions and dead letters over a restart. Not set: nothing is kept. */
  @IsOptional()
  @IsString()
  SIDECAR_STATE_DIR?: string;

  /** File of event types beside trade, and their metrics. Not set: trades only. */
  @IsOptional()
  @UsableBy((config: SidecarConfig) => metricsFileOf(config))
  SIDECAR_METRICS?: string;

  /** Newest trades kept for the questions of /analytics, 43 bytes each; 0 keeps none. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(100_000_000)
  ANALYTICS_FRAME_ROWS = 1_048_576;

  /** Most symbols that have series of their own; trades of the others count under `other`. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(10_000)
  SYMBOLS_MAX = 200;

  /** Volume of one bucket of VPIN. Not set: a hundred times the mean quantity of the first thousand trades. */
  @IsOptional()
  @Type(() => Number)
  @IsPositive()
  @Max(MAX_QTY)
  VPIN_BUCKET_VOLUME?: number;

  /** The partitions that this sidecar counts; none over ZeroMQ. */
  get partitions(): readonly number[] {
    return this.NATS_URL === undefined ? [] : partitionsOf(this.shard, this.NATS_PARTITIONS);
  }

  /** SIDECAR_SHARD in numbers. */
  get shard(): Shard {
    return shardOf(this.SIDECAR_SHARD) ?? { index: 0, count: 1 };
  }

  /** The sockets that are used. */
  get pair(): SocketPair {
    return this.ZMQ_PAIR ?? (this.DELIVERY === 'at-most-once' ? 'push-pull' : 'dealer-router');
  }
}

let loaded: SidecarConfig | undefined;

/**
 * The settings of this process, read at the first call and never again.
 *
 * @throws ConfigurationError with every fault.
 */
export function sidecarConfig(): SidecarConfig {
  loaded ??= loadConfig(SidecarConfig, { envFile: 'apps/sidecar/.env' });
  return loaded;
}
