import { createHash, timingSafeEqual } from 'node:crypto';

const BEARER = /^Bearer +(\S+) *$/i;

/** What a request's `Authorization` says about the token. */
export type TokenVerdict = 'right' | 'wrong' | 'missing';

/** One secret token that requests carry as `Authorization: Bearer …`. Only its hash is kept. */
export class BearerToken {
  private readonly hash: Buffer;

  constructor(token: string) {
    this.hash = sha256(token);
  }

  /** Takes the same time whatever is wrong with a token: hashes are compared, in full. */
  judge(authorization: string | undefined): TokenVerdict {
    if (authorization === undefined) return 'missing';
    const given = BEARER.exec(authorization)?.[1] ?? '';
    return timingSafeEqual(sha256(given), this.hash) ? 'right' : 'wrong';
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
