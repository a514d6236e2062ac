import { DELIVERY_MODES, type DeliveryMode, RESERVED_NAMES } from '@app/contracts';
import { readMetricsFile } from '@app/event-metrics';
import { serversFault } from '@app/jetstream-transport';
import { assertOnlyLink, loadConfig, MAX_TIMER_MS, NatsSettings, toList, UsableBy } from '@app/service-kit';
import {
  endpointsFault,
  type OverflowPolicy,
  readClientKeys,
  SOCKET_PAIRS,
  type SocketPair,
} from '@app/zmq-transport';
import { registerAs } from '@nestjs/config';
import { Transform, Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';

/** How events leave: by two sockets, or to a stream. */
export type LinkWay = { readonly pair: SocketPair } | { readonly stream: string };

/** Compared by identity, so that a user's own setting is told from it. */
const DEFAULT_ADDRESSES = ['tcp://127.0.0.1:5555'];
const ENV_FILE = 'apps/publisher/.env';
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const OVERFLOW_POLICIES: readonly OverflowPolicy[] = ['block', 'reject', 'drop-oldest'];
/** A one-word name, such as a container's, is a valid host. */
const WEB_ADDRESS = { protocols: ['http', 'https'], require_tld: false, require_protocol: true };

/** Events have one way out of the publisher. */
function onlyLink(config: PublisherConfig): void {
  const { NATS_URL = [], WEBAPP_ZMQ_ADDR, ZMQ_PAIR, CURVE_KEYS, PRODUCER_ID } = config;
  assertOnlyLink(serversFault(NATS_URL), {
    WEBAPP_ZMQ_ADDR: WEBAPP_ZMQ_ADDR !== DEFAULT_ADDRESSES,
    ZMQ_PAIR: ZMQ_PAIR !== undefined,
    CURVE_KEYS: CURVE_KEYS !== undefined,
    PRODUCER_ID: PRODUCER_ID !== undefined,
  });
}

/** Acknowledged events have one sequence of numbers; several sidecars would each see only part of it. */
function reachableSidecars({ DELIVERY, WEBAPP_ZMQ_ADDR }: PublisherConfig): void {
  const fault = endpointsFault(WEBAPP_ZMQ_ADDR, 'connect');
  if (fault !== undefined) throw new Error(fault);
  if (WEBAPP_ZMQ_ADDR.some((address) => address.startsWith('inproc:'))) {
    throw new Error('inproc:// works inside one process only; use tcp:// or ipc://');
  }
  if (DELIVERY !== 'at-most-once' && WEBAPP_ZMQ_ADDR.length > 1) {
    throw new Error(`DELIVERY=${DELIVERY} needs exactly one address`);
  }
}

/** Only DEALER/ROUTER carries acknowledgements back. */
function wayBack({ DELIVERY, ZMQ_PAIR }: PublisherConfig): void {
  if (DELIVERY !== 'at-most-once' && ZMQ_PAIR !== 'dealer-router') {
    throw new Error(`DELIVERY=${DELIVERY} needs ZMQ_PAIR=dealer-router: set it, or remove ZMQ_PAIR`);
  }
}

/** The publisher's settings beyond those of every service. `.env.example` explains them to operators. */
export class PublisherConfig extends NatsSettings {
  override PORT = 8000;

  @UsableBy(onlyLink)
  override NATS_URL?: string[];

  /** Addresses at which sidecars listen, as a comma-separated list. */
  @Transform(toList)
  @ArrayNotEmpty()
  @UsableBy(reachableSidecars)
  WEBAPP_ZMQ_ADDR: string[] = DEFAULT_ADDRESSES;

  /** How safe delivery is; the sidecar needs the same setting. */
  @IsIn(DELIVERY_MODES)
  DELIVERY: DeliveryMode = 'at-most-once';

  /** The sockets that send events; the sidecars need the same setting. Not set: as DELIVERY needs, see `pair`. */
  @IsOptional()
  @IsIn(SOCKET_PAIRS)
  @UsableBy(wayBack)
  ZMQ_PAIR?: SocketPair;

  /** DELIVERY=durable: folder of the unacknowledged events, relative to the publisher's working directory. */
  @IsString()
  @IsNotEmpty()
  SPOOL_DIR = 'var/spool';

  /** Most bytes of events in that folder. */
  @Type(() => Number)
  @IsInt()
  @Min(MIB)
  SPOOL_MAX_BYTES = GIB;

  /** What happens to an event when there is no room, unless DELIVERY is at-most-once. */
  @IsIn(OVERFLOW_POLICIES)
  SPOOL_OVERFLOW: OverflowPolicy = 'reject';

  /** Names this publisher for the sidecar, unless DELIVERY is at-most-once. Not set: a name that the spool keeps. */
  @IsOptional()
  @IsString()
  @MaxLength(128)
  PRODUCER_ID?: string;

  /** Most milliseconds that a post with `wait` waits, for room, the disk and the sidecar or broker together. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_TIMER_MS)
  APPLIED_TIMEOUT_MS = 5000;

  /** Folder of CURVE keys: encrypts the link, and each side proves its identity. Not set: anybody can read the link. */
  @IsOptional()
  @UsableBy(({ CURVE_KEYS, CURVE_CLIENT }: PublisherConfig) => readClientKeys(CURVE_KEYS ?? '', CURVE_CLIENT))
  CURVE_KEYS?: string;

  /** Which client of that folder this publisher is. */
  @Matches(/^[\w-]+$/)
  CURVE_CLIENT = 'publisher';

  /** Whether each event also says when its message was made (`sent`), for the stage `sent_to_received`. */
  @IsIn(['true', 'false'])
  SENT_TIME: 'true' | 'false' = 'false';

  /** Whether `/demo` may make trades up. Not set: on, and off where NODE_ENV is `production`. */
  @IsOptional()
  @IsIn(['on', 'off'])
  DEMO?: 'on' | 'off';

  /** `production` turns off what is for newcomers; any other value has no meaning here. */
  @IsOptional()
  @IsString()
  NODE_ENV?: string;

  /** The sidecar's HTTP address; the page reads it through `/sidecar/`. */
  @IsUrl(WEB_ADDRESS)
  SIDECAR_HTTP_URL = 'http://127.0.0.1:8001';

  /** A Prometheus that the page asks for longer ranges, through `/prometheus/`. Not set: none. */
  @IsOptional()
  @IsUrl(WEB_ADDRESS)
  PROMETHEUS_URL?: string;

  /** A Grafana that the page links to. Not set: none. */
  @IsOptional()
  @IsUrl(WEB_ADDRESS)
  GRAFANA_URL?: string;

  /** The sidecar's file of event types (SIDECAR_METRICS): they can be posted to /events/:type. Not set: trades only. */
  @IsOptional()
  @UsableBy(({ EVENT_TYPES = '' }: PublisherConfig) => readMetricsFile(EVENT_TYPES, RESERVED_NAMES))
  EVENT_TYPES?: string;

  /** Folder of the built page, relative to where the publisher is started. */
  @IsString()
  @IsNotEmpty()
  WEB_ROOT = 'dist/apps/web';

  /** Most events that may wait for a sidecar or broker; the next post gets 503. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  OUTBOX_MAX_EVENTS = 65_536;

  /** Most bytes that may wait for a sidecar or broker. */
  @Type(() => Number)
  @IsInt()
  @Min(1024)
  OUTBOX_MAX_BYTES = 64 * MIB;

  /** Most items in one bulk request. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  BULK_MAX_ITEMS = 10_000;

  /** Most bytes in one bulk request. */
  @Type(() => Number)
  @IsInt()
  @Min(1024)
  BULK_MAX_BYTES = 4 * MIB;

  /** Most bytes of answers kept for posts that come again with their `Idempotency-Key`. */
  @Type(() => Number)
  @IsInt()
  @Min(1024)
  IDEMPOTENCY_MAX_BYTES = 16 * MIB;

  /** How safe delivery is on the link that is used: a broker confirms every event. */
  get delivery(): DeliveryMode {
    return this.NATS_URL !== undefined && this.DELIVERY === 'at-most-once' ? 'acknowledged' : this.DELIVERY;
  }

  get hasDemo(): boolean {
    return (this.DEMO ?? (this.NODE_ENV === 'production' ? 'off' : 'on')) === 'on';
  }

  get way(): LinkWay {
    return this.NATS_URL === undefined ? { pair: this.pair } : { stream: this.NATS_STREAM };
  }

  /** The sockets that are used, over ZeroMQ. */
  get pair(): SocketPair {
    return this.ZMQ_PAIR ?? (this.DELIVERY === 'at-most-once' ? 'push-pull' : 'dealer-router');
  }
}

/**
 * Reads the settings from the environment and `apps/publisher/.env` (relative to the repository's root).
 *
 * @throws ConfigurationError
 */
export const publisherConfig = registerAs('publisher', () =>
  loadConfig(PublisherConfig, { envFile: ENV_FILE }),
);
