import { Transform, Type, type TransformFnParams } from 'class-transformer';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, Min } from 'class-validator';
import { TrustedProxies } from '../guard/trusted-proxies.js';
import { apiToken } from '../secrets/api-token.js';
import { ListenHost, MAX_TIMER_MS, UsableBy } from './setting-rules.js';

/** Log levels, from what an operator must see to what only a developer wants to see. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/** A comma-separated list, as the environment gives it. */
export function toList({ value }: TransformFnParams): unknown {
  return typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
}

/** The same, where an empty item means nothing. */
export function toListWithoutGaps(params: TransformFnParams): unknown {
  const list = toList(params);
  return Array.isArray(list) ? list.filter((item) => item !== '') : list;
}

/**
 * The settings of every service of ours. A service extends this class; each property is an environment key, its initializer
 * the default. The services override the defaults that differ.
 */
export class ServiceSettings {
  /** Address that the HTTP routes listen on. */
  @IsString()
  @IsNotEmpty()
  @ListenHost()
  HOST = '127.0.0.1';

  /** TCP port of the HTTP routes; 0 lets the operating system choose. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT = 0;

  /** Token that every write and every secret route needs. Not set: everybody who reaches the port may use them. */
  @IsOptional()
  @UsableBy(apiToken)
  API_TOKEN?: string;

  /** File with that token, in place of API_TOKEN. */
  @IsOptional()
  @UsableBy(apiToken)
  API_TOKEN_FILE?: string;

  /** Most requests of one address in a second, not counting scrapes and health probes; 0 sets no limit. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HTTP_RATE_LIMIT = 20_000;

  /** Most scrapes and health probes of one address in a second; 0 sets no limit. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HTTP_SCRAPE_LIMIT = 1000;

  /** Event streams that one address may hold open; 0 sets no bound. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HTTP_STREAMS_PER_ADDRESS = 64;

  /**
   * Names that the service may be called by in a browser, beyond HOST, IP addresses and `localhost`; as a comma-separated
   * list. Pages from there may post. Where a proxy changes `Host`, a port other than 80 or 443 belongs to the name.
   */
  @Transform(toListWithoutGaps)
  @IsString({ each: true })
  ALLOWED_HOSTS: readonly string[] = [];

  /** Addresses and networks of the proxies that may say where a request comes from; as a comma-separated list. */
  @Transform(toListWithoutGaps)
  @UsableBy(({ TRUSTED_PROXIES }: ServiceSettings) => new TrustedProxies(TRUSTED_PROXIES))
  TRUSTED_PROXIES: readonly string[] = [];

  /** Milliseconds that a stopping service waits for events that are still on their way; 0 drops them at once. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_TIMER_MS)
  DRAIN_TIMEOUT_MS = 5000;

  /** `json`: each line is one JSON object, for programs that collect logs. */
  @IsIn(['text', 'json'])
  LOG_FORMAT: 'text' | 'json' = 'text';

  /** The least important level that is written. */
  @IsIn(LOG_LEVELS)
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'log';
}
