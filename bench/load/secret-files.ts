import { readFileSync } from 'node:fs';
import { globalAgent } from 'node:https';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { KeySource } from './options/load-options.js';
import { LoadUsageError } from './options/option-values.js';

const PRINTABLE = /^[!-~]+$/;
const KEY_CHARACTERS = 40;
const Z85_DIGITS = new Map(
  [...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'].map(
    (digit, value) => [digit, value],
  ),
);

/** The keys of a CURVE client as zeromq.js wants them, in Z85. */
export interface CurveKeys {
  readonly curvePublicKey: string;
  readonly curveSecretKey: string;
  readonly curveServerKey: string;
}

/**
 * Reads the token for posts.
 * @throws {LoadUsageError} when the file cannot be read, or contains what no header can carry
 */
export function readToken(file: string): string {
  const token = textOf('--token-file', file).trimEnd();
  if (!PRINTABLE.test(token)) throw new LoadUsageError(`--token-file: ${file} contains no token`);
  return token;
}

/**
 * Lets an `https:` publisher or sidecar prove itself by the certificates of a PEM file too, beside those that Node trusts.
 * It holds for the process, as NODE_EXTRA_CA_CERTS does.
 * @throws {LoadUsageError} when the file cannot be read, or holds no certificate
 */
export function trustCertificates(file: string): void {
  const text = textOf('--ca', file);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new LoadUsageError(`--ca: there is no certificate in ${file}`);
  }
  globalAgent.options.ca = [...rootCertificates, text];
}

/**
 * The keys of a client, from the files that `npm run keys` makes: ZeroMQ's certificates, as pyzmq and CZMQ have them.
 * libzmq ends the process over an invalid key, so keys are checked first.
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
  const lines = textOf('--keys', file).split('\n');
  const [, ...value] =
    lines.map((line) => line.split('=')).find(([name]) => name?.trim() === `${kind}-key`) ?? [];
  const key = value.join('=').replaceAll(/["'\s]/g, '');
  if (!isZ85Key(key)) throw new LoadUsageError(`--keys: there is no ${kind} key in ${file}`);
  return key;
}

/** ZeroMQ's RFC 32: every five digits are 32 bits. */
function isZ85Key(text: string): boolean {
  const groups = text.match(/.{5}/g) ?? [];
  return text.length === KEY_CHARACTERS && groups.every((group) => valueOf(group) <= 0xffff_ffff);
}

/** NaN for any other character. */
function valueOf(group: string): number {
  return [...group].reduce((value, digit) => value * 85 + (Z85_DIGITS.get(digit) ?? Number.NaN), 0);
}

function textOf(option: string, file: string): string {
  try {
    // Some editors write a byte order mark first.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new LoadUsageError(`${option}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
}
