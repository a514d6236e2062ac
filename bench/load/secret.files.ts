import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeySource } from './options/load.options.js';
import { LoadUsageError } from './options/option.values.js';

const PRINTABLE = /^[!-~]+$/;

/** The keys of a CURVE client as zeromq.js wants them, in Z85. */
export interface CurveKeys {
  readonly curvePublicKey: string;
  readonly curveSecretKey: string;
  readonly curveServerKey: string;
}

/**
 * The token that posts have to carry.
 * @throws {LoadUsageError} when the file cannot be read, or holds what no header can carry
 */
export function readToken(file: string): string {
  const token = textOf('--token-file', file).trimEnd();
  if (!PRINTABLE.test(token)) throw new LoadUsageError(`--token-file: there is no token in ${file}`);
  return token;
}

/**
 * The keys of a client, from the files that `npm run keys` makes: ZeroMQ's certificates, as pyzmq and CZMQ have them.
 * @throws {LoadUsageError} when one of the files cannot be read or lacks its key
 */
export function readCurveKeys({ folder, client }: KeySource): CurveKeys {
  const own = join(folder, 'clients', `${client}.key`);
  return {
    curvePublicKey: keyIn(own, 'public'),
    curveSecretKey: keyIn(own, 'secret'),
    curveServerKey: keyIn(join(folder, 'server.pub'), 'public'),
  };
}

function keyIn(file: string, kind: 'public' | 'secret'): string {
  const [, key] = new RegExp(`^\\s*${kind}-key = "(\\S{40})"$`, 'm').exec(textOf('--keys', file)) ?? [];
  if (key === undefined) throw new LoadUsageError(`--keys: there is no ${kind} key in ${file}`);
  return key;
}

function textOf(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LoadUsageError(`${option}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
}
