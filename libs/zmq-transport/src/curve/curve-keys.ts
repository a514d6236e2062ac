import { createPrivateKey, createPublicKey } from 'node:crypto';
import { InvalidOptionsError } from '@app/transport-core';
import type { ResolvedEndpoints } from '../sockets/socket-settings.js';
import type { CurveKeyPair } from './curve.options.js';
import { decodeKey, encodeKey, KEY_CHARACTERS } from './z85.js';

/** What stands before the 32 bytes of an X25519 secret key in PKCS #8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** What a key has to look like, without the key: a wrong one may be a secret in the wrong place. */
const RULE = `must be a key: ${KEY_CHARACTERS} characters of Z85`;

/** @throws InvalidOptionsError that names `option` and never the value */
export function checkedKey(option: string, key: unknown): string {
  if (typeof key !== 'string' || decodeKey(key) === undefined) {
    throw new InvalidOptionsError(`\`${option}\` ${RULE}`);
  }
  return key;
}

/** @throws InvalidOptionsError for a key that is none, and for two keys that do not belong together */
export function checkedPair(option: string, pair: CurveKeyPair): CurveKeyPair {
  const publicKey = checkedKey(`${option}.publicKey`, pair.publicKey);
  const secretKey = checkedKey(`${option}.secretKey`, pair.secretKey);
  if (publicKeyOf(secretKey) !== publicKey) {
    throw new InvalidOptionsError(`\`${option}\`: the public key does not belong to the secret one`);
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

/** libzmq ignores CURVE on inproc: it must not look protected. @throws InvalidOptionsError */
export function refuseInproc({ addresses }: ResolvedEndpoints): void {
  const inproc = addresses.find((address) => address.startsWith('inproc://'));
  if (inproc !== undefined) {
    throw new InvalidOptionsError(`\`curve\` has no effect on ${inproc}, which never leaves the process`);
  }
}
