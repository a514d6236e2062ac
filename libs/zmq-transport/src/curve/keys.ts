import { createPrivateKey, createPublicKey } from 'node:crypto';
import { InvalidOptionsError } from '@app/transport-core';
import type { ResolvedEndpoints } from '../sockets/endpoints.js';

/** A CURVE key pair; each key is 40 characters of Z85, as `curveKeyPair()` of zeromq and `npm run keys` make them. */
export interface CurveKeyPair {
  readonly publicKey: string;
  /** Anyone who has it can pose as this side: keep it out of logs and environment variables. */
  readonly secretKey: string;
}

/** The server's side of CURVE, whether it binds or connects. */
export interface CurveServerOptions {
  /** Its own pair; a function is called when the sockets are opened and at `rotateKeys()`. */
  keyPair: CurveKeyPair | (() => CurveKeyPair);
  /**
   * The public keys of the clients that may connect; a function is called at every handshake, and when it throws the client is
   * denied. `'any'` lets in every client that knows the server's public key: encryption without authentication. There is no
   * default: a forgotten list must not let everybody in.
   */
  allowedClients: readonly string[] | (() => Iterable<string>) | 'any';
  /**
   * Whether clients may already expect a key that this server does not have yet, see `isServerKeyChanging`: denials for that
   * reason are then counted and not logged.
   * @default never
   */
  readonly isKeyChanging?: () => boolean;
}

/** The client's side of CURVE, whether it binds or connects. */
export interface CurveClientOptions {
  /** Its own pair; a function is called when the sockets are opened and at `rotateKeys()`. */
  keyPair: CurveKeyPair | (() => CurveKeyPair);
  /** The public key that the server has to prove; the same for all addresses. A function is called when `keyPair`'s is. */
  serverKey: string | (() => string);
}

/** The alphabet of ZeroMQ's RFC 32: a digit's value is its index. */
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Characters of a CURVE key in Z85. */
export const KEY_CHARACTERS = 40;
const KEY_BYTES = 32;

/** The 32 bytes of a key as 40 characters. */
export function encodeKey(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < KEY_BYTES; at += 4) {
    let value = bytes.readUInt32BE(at);
    let digits = '';
    for (let digit = 0; digit < 5; digit += 1) {
      digits = DIGITS.charAt(value % 85) + digits;
      value = Math.floor(value / 85);
    }
    text += digits;
  }
  return text;
}

/** The bytes of a key, or undefined for text that is no key. */
export function decodeKey(text: string): Buffer | undefined {
  if (text.length !== KEY_CHARACTERS) {
    return undefined;
  }
  const bytes = Buffer.alloc(KEY_BYTES);
  for (let at = 0; at < KEY_CHARACTERS; at += 5) {
    let value = 0;
    for (const character of text.slice(at, at + 5)) {
      const digit = DIGITS.indexOf(character);
      if (digit < 0) {
        return undefined;
      }
      value = value * 85 + digit;
    }
    if (value > 0xffff_ffff) {
      return undefined;
    }
    bytes.writeUInt32BE(value, (at / 5) * 4);
  }
  return bytes;
}

/** The bytes before the 32 bytes of an X25519 secret key in PKCS #8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** What a key has to look like. Errors do not show the value: a wrong one may be a secret in the wrong place. */
const RULE = `must be a key: ${KEY_CHARACTERS} characters of Z85`;

/** @throws InvalidOptionsError that names `option` and never the value */
export function checkedKey(option: string, key: unknown): string {
  if (typeof key !== 'string' || decodeKey(key) === undefined) {
    throw new InvalidOptionsError(`\`${option}\` ${RULE}`);
  }
  return key;
}

/** @throws InvalidOptionsError for an invalid key, and for two keys that do not belong together */
export function checkedPair(option: string, pair: CurveKeyPair): CurveKeyPair {
  const publicKey = checkedKey(`${option}.publicKey`, pair.publicKey);
  const secretKey = checkedKey(`${option}.secretKey`, pair.secretKey);
  if (publicKeyOf(secretKey) !== publicKey) {
    throw new InvalidOptionsError(`\`${option}\`: the public key does not match the secret key`);
  }
  return { publicKey, secretKey };
}

/** The public key that belongs to a secret one; CURVE's keys are X25519 keys. */
export function publicKeyOf(secretKey: string): string {
  const bytes = decodeKey(secretKey);
  if (bytes === undefined) {
    throw new InvalidOptionsError(`a secret key ${RULE}`);
  }
  const secret = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, bytes]),
    format: 'der',
    type: 'pkcs8',
  });
  const der = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return encodeKey(der.subarray(-32));
}

/** libzmq ignores CURVE on inproc: the option must not make it look protected. @throws InvalidOptionsError */
export function refuseInproc({ addresses }: ResolvedEndpoints): void {
  const inproc = addresses.find((address) => address.startsWith('inproc://'));
  if (inproc !== undefined) {
    throw new InvalidOptionsError(`\`curve\` has no effect on ${inproc}, which never leaves the process`);
  }
}
