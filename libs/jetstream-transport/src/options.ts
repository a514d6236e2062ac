import type { Deserializer, Serializer } from '@nestjs/microservices';
import {
  type BareEventDeserializer,
  type Codec,
  InvalidOptionsError,
  type OutboundOptions,
  type OverflowPolicy,
  type RejectedMessage,
  type RetryOptions,
  timerMs,
  wholeNumber,
} from '@app/transport-core';

/** How the broker is reached, and what it keeps. */
export interface JetStreamOptions {
  /** One server or the servers of a cluster: `nats://host:4222`. */
  servers: string | readonly string[];
  /** Shown by the broker in its lists of connections. @default 'nestjs-jetstream-transport' */
  name?: string;
  /** A credentials file's content (a user's JWT with its seed). */
  credentials?: string;
  tls?: {
    /** PEM text of the authorities that are trusted. */
    ca?: string;
    cert?: string;
    key?: string;
  };
  /** How long one try to connect, and one question to the broker, may take, in milliseconds. @default 5000 */
  connectTimeoutMs?: number;
  stream?: StreamOptions;
}

/** The stream that events are stored in. It is made when it is missing; one that does not fit is refused. */
export interface StreamOptions {
  /** @default 'EVENTS' */
  name?: string;
  /** Partition `p` has the subject `<subjectPrefix>.<p>`. @default the stream's name in lower case */
  subjectPrefix?: string;
  /** Each partition is consumed in its order, by one server at a time. At most 256. @default 8 */
  partitions?: number;
  /** Copies in a cluster. @default 1 */
  replicas?: 1 | 3 | 5;
  /** How long stored events are kept, handled or not, in milliseconds. 0 keeps them for ever. @default 86400000 (a day) */
  maxAgeMs?: number;
  /** Most bytes that are stored; what finds no room is refused, and waits at its producer. -1 is no bound. @default -1 */
  maxBytes?: number;
  /** How long the broker remembers which messages it has stored, in milliseconds. @default 120000 */
  duplicateWindowMs?: number;
}

/**
 * When the observable of `emit` completes.
 * - `accepted`: the event is in the outbox
 * - `spooled`: it is on this machine's disk (needs `spool`)
 * - `stored`: the broker has stored it
 */
export type JetStreamStage = 'accepted' | 'spooled' | 'stored';

/** Events that the broker has not confirmed are kept on disk. */
export interface SpoolOptions {
  /** One process at a time can have the folder. */
  directory: string;
  /** @default 1073741824 (1 GiB) */
  maxBytes?: number;
}

export interface JetStreamClientOptions extends JetStreamOptions, OutboundOptions {
  /** @default JSON */
  codec?: Codec;
  /** @default none: Nest's packet `{ pattern, data }` is what is encoded */
  serializer?: Serializer;
  /** Messages that may be published and not confirmed. @default 64 */
  maxUnconfirmed?: number;
  /** How long the broker may take to confirm a message before it is published again, in milliseconds. @default 5000 */
  confirmTimeoutMs?: number;
  /** @default none: what the broker has not confirmed is in memory, and dies with this process */
  spool?: SpoolOptions;
  /** What becomes of an event when there is no room for it. @default 'reject' */
  overflow?: OverflowPolicy;
  /** @default 'spooled' with a spool, else 'accepted' */
  emitResolves?: JetStreamStage;
  /** How long `close()` may wait for confirmations, in milliseconds. @default 5000 */
  drainTimeoutMs?: number;
}

/**
 * What handlers changed, by partition, where that has to outlive this process. It is committed together with the
 * position, so that an event is never applied twice and never left out, whoever dies and whenever.
 */
export interface PartitionState {
  /** This server owns the partition now. @param state what its last owner committed; undefined when there was none */
  take(partition: number, state: string | undefined): void;
  /** Everything handlers changed for events of the partition so far, as text. Answers at once. */
  snapshot(partition: number): string;
  /** What `snapshot` gave last is stored: only now can it be shown without ever being taken back. */
  committed?(partition: number): void;
  /** This server does not own the partition any more: what it knows of it must not be shown. */
  leave(partition: number): void;
  /** Events that were applied before the start, for what is not in the state (windows over the last minutes). */
  refill?(partition: number, events: readonly unknown[], receivedAtSeconds: number): void;
}

/** The partitions of a server: those `p` with `p mod count = index`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface JetStreamServerOptions extends JetStreamOptions {
  /** @default all partitions: index 0 of 1 */
  shard?: Shard;
  /** Servers of one group share the work; each group gets every event. Its name is that of the key-value bucket too. @default 'sidecar' */
  group?: string;
  /** @default none: only positions are committed */
  state?: PartitionState;
  /** How far back `state.refill` is given events, in milliseconds. @default 0: none */
  refillMs?: number;
  /** Messages of a partition that are fetched and not committed. @default 256 */
  maxUncommitted?: number;
  codec?: Codec;
  deserializer?: Deserializer | BareEventDeserializer;
  /** A larger message is rejected, in bytes. @default 1048576 (1 MiB) */
  maxFrameBytes?: number;
  /** A message with more events is rejected. @default 65536 */
  maxBatchEvents?: number;
  /** Most events whose handlers run at the same time. @default 1024 */
  maxInFlight?: number;
  /** An event handler that takes longer counts as failed; 0 waits for ever. @default 30000 */
  handlerTimeoutMs?: number;
  retry?: RetryOptions;
  /** Told of every message, or event of one, that was not handled. It must not throw. */
  onRejected?: (rejected: RejectedMessage) => void;
  /** How long `drain()` may wait for running handlers and the last commit, in milliseconds. @default 5000 */
  drainTimeoutMs?: number;
}

/** The stream's options with their defaults. */
export type StreamSettings = Required<StreamOptions>;

const MAX_PARTITIONS = 256;
/** What NATS allows in the name of a stream or a bucket, so that it is also one token of a subject. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const PREFIX = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/** @throws InvalidOptionsError */
export function streamSettings(options: StreamOptions = {}): StreamSettings {
  const { name = 'EVENTS', replicas = 1 } = options;
  checkName('stream.name', name);
  const { subjectPrefix = name.toLowerCase() } = options;
  if (!PREFIX.test(subjectPrefix)) {
    throw new InvalidOptionsError(
      `\`stream.subjectPrefix\` must be tokens of letters, digits, _ and - with dots between, not "${subjectPrefix}"`,
    );
  }
  if (![1, 3, 5].includes(replicas)) {
    throw new InvalidOptionsError(`\`stream.replicas\` must be 1, 3 or 5, not ${String(replicas)}`);
  }
  return {
    name,
    subjectPrefix,
    replicas,
    partitions: wholeNumber('stream.partitions', options.partitions ?? 8, 1, MAX_PARTITIONS),
    maxAgeMs: wholeNumber('stream.maxAgeMs', options.maxAgeMs ?? 86_400_000),
    maxBytes: wholeNumber('stream.maxBytes', options.maxBytes ?? -1, -1),
    duplicateWindowMs: wholeNumber('stream.duplicateWindowMs', options.duplicateWindowMs ?? 120_000, 100),
  };
}

/** @throws InvalidOptionsError */
export function checkName(option: string, name: string): string {
  if (!NAME.test(name)) {
    throw new InvalidOptionsError(
      `\`${option}\` must have 1 to 64 letters, digits, _ and -, not "${String(name)}"`,
    );
  }
  return name;
}

/** @returns the partitions of the shard, in their order. @throws InvalidOptionsError */
export function partitionsOf({ index, count }: Shard, partitions: number): readonly number[] {
  wholeNumber('shard.count', count, 1, partitions);
  wholeNumber('shard.index', index, 0, count - 1);
  return Array.from({ length: partitions }, (_, partition) => partition).filter(
    (partition) => partition % count === index,
  );
}

/** Where the servers are, and who this is to them. */
export interface ServerAddresses {
  /** Without user and password. */
  readonly servers: string[];
  readonly user: string | undefined;
  readonly pass: string | undefined;
}

/** Takes the user and password, which an address may have, out of it. @throws InvalidOptionsError */
export function serverAddresses(servers: JetStreamOptions['servers']): ServerAddresses {
  const list = (typeof servers === 'string' ? servers.split(',') : [...servers]).map((it) => it.trim());
  if (list.length === 0 || list.includes('')) {
    throw new InvalidOptionsError('`servers` must name at least one server, such as nats://127.0.0.1:4222');
  }
  const urls = list.map(parseServer);
  const named = urls.find(({ username }) => username !== '');
  return {
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    user: named && decodeURIComponent(named.username),
    pass: named && decodeURIComponent(named.password),
  };
}

function parseServer(text: string): URL {
  const address = text.includes('://') ? text : `nats://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (
    url === undefined ||
    !['nats:', 'tls:'].includes(url.protocol) ||
    url.hostname === '' ||
    url.port === '0' ||
    !['', '/'].includes(url.pathname) ||
    url.search !== ''
  ) {
    const shown = text.replace(/\/\/[^@/]*@/u, '//');
    throw new InvalidOptionsError(
      `\`servers\`: "${shown}" is no address of a NATS server, such as nats://127.0.0.1:4222`,
    );
  }
  return url;
}

/** @throws InvalidOptionsError */
export function connectTimeout({ connectTimeoutMs = 5000 }: JetStreamOptions): number {
  return timerMs('connectTimeoutMs', connectTimeoutMs, 1);
}
