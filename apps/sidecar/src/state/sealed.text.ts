import { crc32 } from 'node:zlib';

/** Kept data that does not say what was written: a damaged disk, or somebody else's file. */
export class BrokenSealError extends Error {
  readonly code = 'ERR_BROKEN_SEAL';

  constructor(what: string, options?: ErrorOptions) {
    super(`${what} is damaged`, options);
    this.name = 'BrokenSealError';
  }
}

/** JSON behind its checksum: LMDB itself notices a changed byte only where it breaks its own tree. */
export function seal(value: unknown): string {
  const text = JSON.stringify(value);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}`;
}

/**
 * Reads what `seal` wrote.
 *
 * @param what how people call it, for the error
 * @throws BrokenSealError when it is not what was written
 */
export function unseal(sealed: unknown, what: string): unknown {
  if (typeof sealed !== 'string') throw new BrokenSealError(what);
  const text = sealed.slice(9);
  if (crc32(text) !== Number.parseInt(sealed.slice(0, 8), 16)) throw new BrokenSealError(what);
  return JSON.parse(text) as unknown;
}
