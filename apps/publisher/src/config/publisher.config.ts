import { DELIVERY_MODES, type DeliveryMode } from '@app/contracts';
import {
  apiToken,
  ListenHost,
  loadConfig,
  LogSettings,
  MAX_TIMER_MS,
  TrustedProxies,
  UsableBy,
} from '@app/service-kit';
import {
  endpointsFault,
  type OverflowPolicy,
  readClientKeys,
  SOCKET_PAIRS,
  type SocketPair,
} from '@app/zmq-transport';
import { registerAs } from '@nestjs/config';
import { Transform, Type, type TransformFnParams } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
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

const ENV_FILE = 'apps/publisher/.env';
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const OVERFLOW_POLICIES: readonly OverflowPolicy[] = ['block', 'reject', 'drop-oldest'];
/** Names of one word, such as a container's, are hosts too. */
const WEB_ADDRESS = { protocols: ['http', 'https'], require_tld: false, require_protocol: true };

function toList({ value }: TransformFnParams): unknown {
  if (typeof value !== 'string') return value;
  return value.split(',').map((item) => item.trim());
}

/** Acknowledged events have numbers in one sequence: several sidecars would each see a part of it. */
function reachableSidecars({ DELIVERY, WEBAPP_ZMQ_ADDR }: PublisherConfig): void {
  const fault = endpointsFault(WEBAPP_ZMQ_ADDR, 'connect');
  if (fault !== undefined) throw new Error(fault);
  if (WEBAPP_ZMQ_ADDR.some((address) => address.startsWith('inproc:'))) {
    throw new Error('inproc:// reaches nobody outside of this process: use tcp:// or ipc://');
  }
  if (DELIVERY !== 'at-most-once' && WEBAPP_ZMQ_ADDR.length > 1) {
    throw new Error(`DELIVERY=${DELIVERY} needs exactly one address`);
  }
}

/** Only DEALER/ROUTER has a way back for acknowledgements. */
function wayBack({ DELIVERY, ZMQ_PAIR }: PublisherConfig): void {
  if (DELIVERY !== 'at-most-once' && ZMQ_PAIR !== 'dealer-router') {
    throw new Error(`DELIVERY=${DELIVERY} needs dealer-router; leave ZMQ_PAIR out, or set it to that`);
  }
}

/** The publisher's settings; each property is an environment key. `.env.example` explains them to operators. */
export class PublisherConfig extends LogSettings {
  @IsString()
  @IsNotEmpty()
  @ListenHost()
  HOST = '127.0.0.1';

  /** 0 lets the operating system choose. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT = 8000;

  /** Where sidecars listen; given as a comma-separated list. */
  @Transform(toList)
  @ArrayNotEmpty()
  @UsableBy(reachableSidecars)
  WEBAPP_ZMQ_ADDR: string[] = ['tcp://127.0.0.1:5555'];

  /** What becomes of an accepted event; the same as the sidecar's. */
  @IsIn(DELIVERY_MODES)
  DELIVERY: DeliveryMode = 'at-most-once';

  /** The sockets events leave by; the same as the sidecars'. Not set: as DELIVERY needs them, see `pair`. */
  @IsOptional()
  @IsIn(SOCKET_PAIRS)
  @UsableBy(wayBack)
  ZMQ_PAIR?: SocketPair;

  /** Folder of the events that are not acknowledged, for DELIVERY=durable; relative to where the publisher is started. */
  @IsString()
  @IsNotEmpty()
  SPOOL_DIR = 'var/spool';

  /** Most bytes of events in that folder. */
  @Type(() => Number)
  @IsInt()
  @Min(MIB)
  SPOOL_MAX_BYTES = GIB;

  /** What becomes of an event for which there is no room, unless DELIVERY is at-most-once. */
  @IsIn(OVERFLOW_POLICIES)
  SPOOL_OVERFLOW: OverflowPolicy = 'reject';

  /** Names this publisher for the sidecar, unless DELIVERY is at-most-once. Not set: a name that the spool keeps. */
  @IsOptional()
  @IsString()
  @MaxLength(128)
  PRODUCER_ID?: string;

  /** Milliseconds that a post with `wait=applied` waits at most: for room, for the disk and for the sidecar together. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_TIMER_MS)
  APPLIED_TIMEOUT_MS = 5000;

  /** Folder of CURVE keys: proves itself to the sidecar, and the sidecar to it. None: everything is readable. */
  @IsOptional()
  @UsableBy(({ CURVE_KEYS, CURVE_CLIENT }: PublisherConfig) => readClientKeys(CURVE_KEYS ?? '', CURVE_CLIENT))
  CURVE_KEYS?: string;

  /** Which client of that folder this publisher is. */
  @Matches(/^[\w-]+$/)
  CURVE_CLIENT = 'publisher';

  /** Token without which nothing can be posted; none: everybody who reaches the port may. */
  @IsOptional()
  @UsableBy(apiToken)
  API_TOKEN?: string;

  /** File with that token, in place of API_TOKEN. */
  @IsOptional()
  @UsableBy(apiToken)
  API_TOKEN_FILE?: string;

  /** Requests of one address in a second, scrapes and health probes apart; 0 sets no limit. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HTTP_RATE_LIMIT = 20_000;

  /** Scrapes and health probes of one address in a second; 0 sets no limit. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HTTP_SCRAPE_LIMIT = 1000;

  /** Event streams that one address may hold open; the windows of one browser share two. 0 sets no bound. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HTTP_STREAMS_PER_ADDRESS = 64;

  /** Whether each event also says when it was handed to its socket (`sent`), for the stage `sent_to_received`. */
  @IsIn(['true', 'false'])
  SENT_TIME: 'true' | 'false' = 'false';

  /** The sidecar's HTTP address; the page reads it through `/sidecar/`. */
  @IsUrl(WEB_ADDRESS)
  SIDECAR_HTTP_URL = 'http://127.0.0.1:8001';

  /** A Prometheus that the page may ask for longer ranges, through `/prometheus/`; none when it is not set. */
  @IsOptional()
  @IsUrl(WEB_ADDRESS)
  PROMETHEUS_URL?: string;

  /** A Grafana that the page links to; none when it is not set. */
  @IsOptional()
  @IsUrl(WEB_ADDRESS)
  GRAFANA_URL?: string;

  /**
   * Names the publisher may be called by in a browser, beyond HOST, IP addresses and `localhost`; pages from there may
   * post, so that a port which is not 80 or 443 belongs to the name where a proxy changes `Host`.
   */
  @Transform(toList)
  @IsArray()
  @IsNotEmpty({ each: true })
  ALLOWED_HOSTS: string[] = [];

  /** Addresses and networks of proxies that are believed what they say of a request's client; given as a list. */
  @Transform(toList)
  @IsArray()
  @UsableBy(({ TRUSTED_PROXIES }: PublisherConfig) => new TrustedProxies(TRUSTED_PROXIES))
  TRUSTED_PROXIES: string[] = [];

  /** Folder of the built page, relative to where the publisher is started. */
  @IsString()
  @IsNotEmpty()
  WEB_ROOT = 'dist/apps/web';

  /** Events that may wait for a sidecar; the next one is answered with 503. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  OUTBOX_MAX_EVENTS = 65_536;

  /** Bytes that may wait for a sidecar. */
  @Type(() => Number)
  @IsInt()
  @Min(1024)
  OUTBOX_MAX_BYTES = 64 * MIB;

  /** Milliseconds that waiting events get to leave at shutdown; 0 drops them at once. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_TIMER_MS)
  DRAIN_TIMEOUT_MS = 5000;

  /** Items in one bulk request. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  BULK_MAX_ITEMS = 10_000;

  /** Bytes in one bulk request. */
  @Type(() => Number)
  @IsInt()
  @Min(1024)
  BULK_MAX_BYTES = 4 * MIB;

  /** Bytes of answers kept for posts that come again with their `Idempotency-Key`. */
  @Type(() => Number)
  @IsInt()
  @Min(1024)
  IDEMPOTENCY_MAX_BYTES = 16 * MIB;

  /** The sockets that are used. */
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
