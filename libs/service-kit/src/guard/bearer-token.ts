import { hash, timingSafeEqual } from 'node:crypto';

const SCHEME = 'bearer';

/** How a request's `Authorization` header compares with the token. */
export type TokenVerdict = 'right' | 'wrong' | 'missing';

/** One secret token that requests carry as `Authorization: Bearer …`. Only its hash is kept. */
export class BearerToken {
  private readonly hash: Buffer;

  constructor(token: string) {
    this.hash = sha256(token);
  }

  /**
   * Compares whole hashes, so that it takes the same time whatever is wrong with a token. Another scheme (`Basic …`, which a
   * browser may send by itself) does not count as a guess.
   */
  judge(authorization: string | undefined): TokenVerdict {
    if (authorization === undefined) return 'missing';
    const [scheme, rest] = [authorization.slice(0, SCHEME.length), authorization.slice(SCHEME.length)];
    if (scheme.toLowerCase() !== SCHEME || (rest !== '' && rest[0] !== ' ')) return 'missing';
    // No pattern is used, because the text comes from a stranger; no token has a space in it.
    return timingSafeEqual(sha256(rest.trim()), this.hash) ? 'right' : 'wrong';
  }
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
