import type { Serializer } from '@nestjs/microservices';
import {
  type BatchSent,
  type Codec,
  type InboundOptions,
  InvalidOptionsError,
  type OutboundOptions,
  type OverflowPolicy,
  type RetryOptions,
  timerMs,
  wholeNumber,
} from '@app/transport-core';

/** How to reach the broker, and which stream it keeps. */
export interface JetStreamOptions {
  /** One server or the servers of a cluster: `nats://host:4222`. */
  servers: string | readonly string[];
  /** Shown by the broker in its lists of connections. @default 'nestjs-jetstream-transport' */
  name?: string;
  /** A credentials file's content (a user's JWT with its seed). */
  credentials?: string;
  tls?: {
    /** PEM text of the trusted certificate authorities. */
    ca?: string;
    cert?: string;
    key?: string;
  };
  /** How long one attempt to connect, or one request to the broker, may take, in milliseconds. @default 5000 */
  connectTimeoutMs?: number;
  stream?: StreamOptions;
}

/** The stream that stores the events. A missing one is made; one that does not fit is not used. */
export interface StreamOptions {
  /** @default 'EVENTS' */
  name?: string;
  /** Partition `p` has the subject `<subjectPrefix>.<p>`. @default the stream's name in lower case */
  subjectPrefix?: string;
  /** Each partition is consumed in order, by one server at a time. At most 256. @default 8 */
  partitions?: number;
  /** Copies of the stream in a cluster. @default 1 */
  replicas?: 1 | 3 | 5;
  /** How long the stream keeps events, handled or not, in milliseconds. 0 keeps them for ever. @default 86400000 (a day) */
  maxAgeMs?: number;
  /** Most bytes in the stream; without room, events wait at their producer. -1 sets no bound. @default -1 */
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

/** Keeps events that the broker has not confirmed on disk. */
export interface SpoolOptions {
  /** One process at a time can have the folder. */
  directory: string;
  /** @default 1073741824 (1 GiB) */
  maxBytes?: number;
}

export interface JetStreamClientOptions extends JetStreamOptions, OutboundOptions {
  /**
   * Largest message, in bytes; with its headers, not more than the broker's `max_payload` and the server's `maxFrameBytes`.
   * @default 1047552 (1 MiB, less 1 KiB for the headers)
   */
  maxFrameBytes?: number;
  /** @default JSON */
  codec?: Codec;
  /** @default none: the codec encodes Nest's packet `{ pattern, data }` */
  serializer?: Serializer;
  /** Most events in one message. Events share a message only when they have to wait anyway. @default 1024 */
  maxBatchEvents?: number;
  /** Most messages that may be published and not confirmed. @default 64 */
  maxUnconfirmed?: number;
  /** How long the broker may take to confirm a message before it is published again, in milliseconds. @default 5000 */
  confirmTimeoutMs?: number;
  /** @default none: unconfirmed events are in memory, and lost with this process */
  spool?: SpoolOptions;
  /** What happens to an event when there is no room for it. @default 'reject' */
  overflow?: OverflowPolicy;
  /** @default 'spooled' with a spool, else 'accepted' */
  emitResolves?: JetStreamStage;
  /** How long `close()` may wait for confirmations, in milliseconds. @default 5000 */
  drainTimeoutMs?: number;
  /** Called for each message that this process publishes for the first time. Runs on the hot path; must not throw. */
  onBatchSent?: (batch: BatchSent) => void;
}

/** Of a refill: a promise makes the next events wait, and `false` ends them. */
export type RefillAnswer = Promise<boolean | void> | boolean | void;

/**
 * The state that handlers change, by partition, when it has to outlive this process. The server commits it together with the
 * position, so that no event is ever applied twice or left out, whichever process dies and when.
 */
export interface PartitionState {
  /** This server owns the partition now. @param state what its last owner committed; undefined when there was none */
  take(partition: number, state: string | undefined): void;
  /** The whole state of the partition so far, as text. Must return at once, without a promise. */
  snapshot(partition: number): string;
  /** The last `snapshot` is stored: only now can you show its counts without ever having to take them back. */
  committed?(partition: number): void;
  /** This server does not own the partition any more: do not show its counts. */
  leave(partition: number): void;
  /**
   * Events that were applied before the start, for anything that is not in the state (windows over the last minutes). They come
   * in the order of the partition, while newer ones are handled already.
   */
  refill?(partition: number, events: readonly unknown[], receivedAtSeconds: number): RefillAnswer;
  /** No more of them come. */
  refilled?(partition: number): void;
}

/** The partitions of a server: those `p` with `p mod count = index`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface JetStreamServerOptions extends JetStreamOptions, InboundOptions {
  /** @default all partitions: index 0 of 1 */
  shard?: Shard;
  /**
   * Servers of one group share the work; each group gets every event. The key-value bucket is named after it.
   * @default 'sidecar'
   */
  group?: string;
  /** @default none: only positions are committed */
  state?: PartitionState;
  /** How far back the events for `state.refill` go, in milliseconds. @default 0: none */
  refillMs?: number;
  /** Most messages of a partition that are fetched and not committed. All partitions together fetch 24 MiB ahead at most. @default 256 */
  maxUncommitted?: number;
  retry?: RetryOptions;
}

/** The stream's options with their defaults. */
export type StreamSettings = Required<StreamOptions>;

const MAX_PARTITIONS = 256;
/** What NATS allows in the name of a stream or a bucket that is also one token of a subject. */
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

/** @returns the partitions of the shard, in ascending order. @throws InvalidOptionsError */
export function partitionsOf({ index, count }: Shard, partitions: number): readonly number[] {
  wholeNumber('shard.count', count, 1, partitions);
  wholeNumber('shard.index', index, 0, count - 1);
  return Array.from({ length: partitions }, (_, partition) => partition).filter(
    (partition) => partition % count === index,
  );
}

/** Where the servers are, and the user to connect as. */
export interface ServerAddresses {
  /** Without user and password. */
  readonly servers: string[];
  readonly user: string | undefined;
  readonly pass: string | undefined;
}

/** Why `servers` cannot be used; undefined when it can. */
export function serversFault(servers: JetStreamOptions['servers']): string | undefined {
  try {
    serverAddresses(servers);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) {
      throw error;
    }
    return error.message;
  }
}

/** Takes the user and password out of an address that has them. @throws InvalidOptionsError */
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
      `\`servers\`: "${shown}" is not the address of a NATS server, such as nats://127.0.0.1:4222`,
    );
  }
  return url;
}

/** @throws InvalidOptionsError */
export function connectTimeout({ connectTimeoutMs = 5000 }: JetStreamOptions): number {
  return timerMs('connectTimeoutMs', connectTimeoutMs, 1);
}
