import { loadConfig } from '@app/service-kit';
import { registerAs } from '@nestjs/config';
import { Transform, Type, type TransformFnParams } from 'class-transformer';
import { ArrayNotEmpty, IsInt, IsNotEmpty, IsString, Matches, Max, Min } from 'class-validator';

const ENV_FILE = 'apps/publisher/.env';
const MIB = 1024 * 1024;

function toList({ value }: TransformFnParams): unknown {
  if (typeof value !== 'string') return value;
  return value.split(',').map((item) => item.trim());
}

/** The publisher's settings; each property is an environment key. `.env.example` explains them to operators. */
export class PublisherConfig {
  @IsString()
  @IsNotEmpty()
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
  @Matches(/^(tcp|ipc|inproc):\/\/\S+$/, {
    each: true,
    message: 'each address must look like tcp://host:port, ipc://path or inproc://name',
  })
  WEBAPP_ZMQ_ADDR: string[] = ['tcp://127.0.0.1:5555'];

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
}

/**
 * Reads the settings from the environment and `apps/publisher/.env` (relative to the repository's root).
 *
 * @throws ConfigurationError
 */
export const publisherConfig = registerAs('publisher', () =>
  loadConfig(PublisherConfig, { envFile: ENV_FILE }),
);
