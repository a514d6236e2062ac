import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { readSecretFile } from '../secrets/secret-file.js';
import { OtelSettings, readPem } from './otel-settings.js';
import { toList } from './service-settings.js';
import { UsableBy } from './setting-rules.js';

/** Copies of a stream: an odd number of servers can agree. */
export const NATS_REPLICAS = [1, 3, 5] as const;

/** The settings of a service whose events may go through NATS JetStream. */
export class NatsSettings extends OtelSettings {
  /** One server, or those of a cluster as a comma-separated list. Not set: events go over ZeroMQ. */
  @IsOptional()
  @Transform(toList)
  NATS_URL?: string[];

  /** Name of the stream that stores the events; a missing one is made. */
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'must have 1 to 64 letters, digits, _ and -' })
  NATS_STREAM = 'TRADES';

  /** Partitions of the stream: the most sidecars that can share the work. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(256)
  NATS_PARTITIONS = 8;

  /** Servers that keep a copy of the stream. */
  @Type(() => Number)
  @IsIn(NATS_REPLICAS)
  NATS_REPLICAS: (typeof NATS_REPLICAS)[number] = 1;

  /** Credentials file of this service's NATS user. Not set: none, or those of NATS_URL. */
  @IsOptional()
  @UsableBy(({ NATS_CREDS }: NatsSettings) => readSecretFile(NATS_CREDS ?? ''))
  NATS_CREDS?: string;

  /** PEM file of the certificate authorities that the servers' certificates are checked against. Not set: the system's. */
  @IsOptional()
  @UsableBy(({ NATS_TLS_CA }: NatsSettings) => readPem(NATS_TLS_CA ?? ''))
  NATS_TLS_CA?: string;
}

/**
 * The rule of `NATS_URL`: an address that can be used, and no other link beside it.
 * @param addressFault why the transport cannot use the address; undefined when it can
 * @param zmqSettings which settings of the ZeroMQ link are set
 * @throws Error with a sentence for the operator
 */
export function assertOnlyLink(
  addressFault: string | undefined,
  zmqSettings: Readonly<Record<string, boolean>>,
): void {
  if (addressFault !== undefined) throw new Error(addressFault.replaceAll('`servers`', 'NATS_URL'));
  const set = Object.keys(zmqSettings).filter((key) => zmqSettings[key]);
  if (set.length > 0) {
    throw new Error(`it replaces the ZeroMQ link: remove ${set.join(' and ')}, or NATS_URL`);
  }
}

/** The options of the connection and the stream, as the JetStream transport takes them. */
export interface NatsOptions {
  servers: string[];
  credentials?: string;
  tls?: { ca: string };
  stream: { name: string; partitions: number; replicas: (typeof NATS_REPLICAS)[number] };
}

/** The options of the JetStream transport that the settings stand for; undefined when NATS_URL is not set. */
export function natsOptions(settings: NatsSettings): NatsOptions | undefined {
  const { NATS_URL: servers, NATS_CREDS: credentials, NATS_TLS_CA: ca } = settings;
  if (servers === undefined) return undefined;
  return {
    servers,
    ...(credentials !== undefined && { credentials: readSecretFile(credentials) }),
    ...(ca !== undefined && { tls: { ca: readPem(ca) } }),
    stream: {
      name: settings.NATS_STREAM,
      partitions: settings.NATS_PARTITIONS,
      replicas: settings.NATS_REPLICAS,
    },
  };
}

/** The setting behind an option of the transport that a broker does not fit. */
export function natsSettingOf(
  option: 'credentials' | 'servers' | 'stream' | 'replicas' | 'partitions',
  { NATS_CREDS }: NatsSettings,
): keyof NatsSettings {
  if (option === 'replicas') return 'NATS_REPLICAS';
  if (option === 'stream') return 'NATS_STREAM';
  if (option === 'partitions') return 'NATS_PARTITIONS';
  // User and password may be in the address.
  return option === 'credentials' && NATS_CREDS !== undefined ? 'NATS_CREDS' : 'NATS_URL';
}
