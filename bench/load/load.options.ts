import { parseArgs } from 'node:util';

/** What one run is asked to do. */
export interface LoadOptions {
  /** Events a second, over the whole run. */
  readonly ratePerSecond: number;
  readonly durationSeconds: number;
  /** `http`: posts to the publisher. `zmq`: pushes to the sidecar, as any producer could. */
  readonly via: 'http' | 'zmq';
  /** File for the report as JSON; none when undefined. */
  readonly jsonFile: string | undefined;
  /** The publisher's base URL. */
  readonly publisherUrl: string;
  /** The sidecar's base URL: its metrics say what was applied. */
  readonly sidecarUrl: string;
  /** The sidecar's ZeroMQ address. */
  readonly zmqAddress: string;
}

/** What the command takes, as its help says it. */
export const LOAD_USAGE = `usage: npm run load -- --rate N --duration S [--via http|zmq] [--json FILE]
                       [--url http://127.0.0.1:8000] [--sidecar http://127.0.0.1:8001] [--zmq tcp://127.0.0.1:5555]`;

/** An option that is missing, unknown or out of range. */
export class LoadUsageError extends Error {
  readonly code = 'ERR_LOAD_USAGE';
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new LoadUsageError(`--${name} must be a number over 0, not "${text}"`);
  }
  return value;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rate: { type: 'string', default: '1000' },
        duration: { type: 'string', default: '10' },
        via: { type: 'string', default: 'http' },
        json: { type: 'string' },
        url: { type: 'string', default: 'http://127.0.0.1:8000' },
        sidecar: { type: 'string', default: 'http://127.0.0.1:8001' },
        zmq: { type: 'string', default: 'tcp://127.0.0.1:5555' },
      },
    }).values;
  } catch (error) {
    throw new LoadUsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/**
 * Reads the command line.
 * @throws {LoadUsageError} naming the option at fault
 */
export function parseLoadOptions(args: readonly string[]): LoadOptions {
  const values = parse(args);
  if (values.via !== 'http' && values.via !== 'zmq') {
    throw new LoadUsageError(`--via must be http or zmq, not "${values.via}"`);
  }
  return {
    ratePerSecond: positive('rate', values.rate),
    durationSeconds: positive('duration', values.duration),
    via: values.via,
    jsonFile: values.json,
    publisherUrl: values.url.replace(/\/$/, ''),
    sidecarUrl: values.sidecar.replace(/\/$/, ''),
    zmqAddress: values.zmq,
  };
}
