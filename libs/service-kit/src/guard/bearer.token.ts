import { hash, timingSafeEqual } from 'node:crypto';

const SCHEME = 'bearer';

/** What a request's `Authorization` says about the token. */
export type TokenVerdict = 'right' | 'wrong' | 'missing';

/** One secret token that requests carry as `Authorization: Bearer …`. Only its hash is kept. */
export class BearerToken {
  private readonly hash: Buffer;

  constructor(token: string) {
    this.hash = sha256(token);
  }

  /**
   * Takes the same time whatever is wrong with a token: hashes are compared, in full. Another scheme (`Basic …`, which a
   * browser may send by itself) is no guess at a token.
   */
  judge(authorization: string | undefined): TokenVerdict {
    if (authorization === undefined) return 'missing';
    const [scheme, rest] = [authorization.slice(0, SCHEME.length), authorization.slice(SCHEME.length)];
    if (scheme.toLowerCase() !== SCHEME || (rest !== '' && rest[0] !== ' ')) return 'missing';
    // No pattern: this text is a stranger's, and no token has a space in it.
    return timingSafeEqual(sha256(rest.trim()), this.hash) ? 'right' : 'wrong';
  }
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
