import { readFileSync } from 'node:fs';
import { Transform, type TransformFnParams, Type } from 'class-transformer';
import { IsIn, IsInt, IsNumber, IsOptional, IsString, IsUrl, Max, Min } from 'class-validator';
import { settingNames } from './config-loader.js';
import { ServiceSettings } from './service-settings.js';
import { MAX_TIMER_MS, UsableBy } from './setting-rules.js';

/** The samplers that OpenTelemetry names. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** OpenTelemetry reads names of values without regard to case. */
function toLowerCase({ value }: TransformFnParams): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/**
 * The settings of OpenTelemetry, by the names that its specification gives them:
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/. Defaults are the specification's, except that metrics are
 * scraped unless they are asked for.
 */
export class OtelSettings extends ServiceSettings {
  /** Where an OTLP receiver listens, without `/v1/traces`. Not set: no telemetry leaves by OTLP, and none is made. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  /** The encoding and the way. */
  @Transform(toLowerCase)
  @IsIn(['http/protobuf'])
  OTEL_EXPORTER_OTLP_PROTOCOL = 'http/protobuf' as const;

  /** Headers of each export, such as `authorization=Bearer%20abc`; separated by commas, values percent-encoded. */
  @IsOptional()
  @UsableBy(({ OTEL_EXPORTER_OTLP_HEADERS }: OtelSettings) => headersOf(OTEL_EXPORTER_OTLP_HEADERS ?? ''))
  OTEL_EXPORTER_OTLP_HEADERS?: string;

  /** Most milliseconds of one export, with its repetitions. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_TIMER_MS)
  OTEL_EXPORTER_OTLP_TIMEOUT = 10_000;

  /** Whether exports are compressed. */
  @Transform(toLowerCase)
  @IsIn(['none', 'gzip'])
  OTEL_EXPORTER_OTLP_COMPRESSION: 'none' | 'gzip' = 'none';

  /** PEM file of the authorities that the receiver's certificate is checked against. Not set: the system's. */
  @IsOptional()
  @UsableBy(({ OTEL_EXPORTER_OTLP_CERTIFICATE }: OtelSettings) =>
    readPem(OTEL_EXPORTER_OTLP_CERTIFICATE ?? ''),
  )
  OTEL_EXPORTER_OTLP_CERTIFICATE?: string;

  /** `true` turns OpenTelemetry off, whatever else is set. */
  @Transform(toLowerCase)
  @IsIn(['true', 'false'])
  OTEL_SDK_DISABLED: 'true' | 'false' = 'false';

  /** What this service is called. Not set: `publisher` or `sidecar`. */
  @IsOptional()
  @IsString()
  OTEL_SERVICE_NAME?: string;

  /** More about this process, such as `deployment.environment.name=desk`; separated by commas, values percent-encoded. */
  @IsOptional()
  @UsableBy(({ OTEL_RESOURCE_ATTRIBUTES }: OtelSettings) => pairsOf(OTEL_RESOURCE_ATTRIBUTES ?? ''))
  OTEL_RESOURCE_ATTRIBUTES?: string;

  /** Where spans go. */
  @Transform(toLowerCase)
  @IsIn(['otlp', 'none'])
  OTEL_TRACES_EXPORTER: 'otlp' | 'none' = 'otlp';

  /** Which posts are traced. */
  @Transform(toLowerCase)
  @IsIn(SAMPLERS)
  OTEL_TRACES_SAMPLER: (typeof SAMPLERS)[number] = 'parentbased_always_on';

  /** The part of the traces that a sampler with `traceidratio` takes, from 0 to 1. */
  @Type(() => Number)
  @IsNumber()
  @Min(0)
  @Max(1)
  OTEL_TRACES_SAMPLER_ARG = 1;

  /** Milliseconds after which waiting spans leave. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_TIMER_MS)
  OTEL_BSP_SCHEDULE_DELAY = 5000;

  /** Most spans that wait; more are dropped. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  OTEL_BSP_MAX_QUEUE_SIZE = 2048;

  /** Most spans of one export; never more than wait. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE = 512;

  /** Where metrics go, beside `/metrics`. */
  @Transform(toLowerCase)
  @IsIn(['otlp', 'none'])
  OTEL_METRICS_EXPORTER: 'otlp' | 'none' = 'none';

  /** Milliseconds between two exports of metrics. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_TIMER_MS)
  OTEL_METRIC_EXPORT_INTERVAL = 60_000;
}

/** A key as HTTP and baggage have them. */
const KEY = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * A list of `key=value`, as the specification writes headers and attributes.
 * @throws Error with a sentence for the operator, which never repeats a value
 */
export function pairsOf(list: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const item of list.split(',').filter((text) => text.trim() !== '')) {
    const at = item.indexOf('=');
    const key = item.slice(0, at).trim();
    if (at < 1 || !KEY.test(key)) throw new Error('write key=value, separated by commas');
    pairs[key] = decoded(item.slice(at + 1).trim(), key);
  }
  return pairs;
}

function decoded(value: string, key: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    throw new Error(`the value of ${key} has a % that encodes no character: write %25 for it`, {
      cause: error,
    });
  }
}

/** As {@link pairsOf}, for values that a header can carry: others would fail each export. */
export function headersOf(list: string): Record<string, string> {
  const headers = pairsOf(list);
  for (const [key, value] of Object.entries(headers)) {
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new Error(`the value of ${key} has a character that no header can carry`);
    }
  }
  return headers;
}

/** @throws Error with a sentence for the operator */
export function readPem(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`the file cannot be read (${String((error as NodeJS.ErrnoException).code)})`, {
      cause: error,
    });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error('this is not a PEM file of certificates');
  return text;
}

/** Names that begin with OTEL_ and are set, but that no setting has: whoever set them expects an effect. */
export function unknownOtelNames(settings: OtelSettings, env: NodeJS.ProcessEnv = process.env): string[] {
  const known = settingNames(settings.constructor as new () => OtelSettings);
  return Object.keys(env).filter((name) => name.startsWith('OTEL_') && env[name] && !known.includes(name));
}
