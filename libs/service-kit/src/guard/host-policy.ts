import { isIP } from 'node:net';

/** Only a name can be rebound to another address, so every IP literal is safe, and so are the names of this machine itself. */
const LOOPBACK_NAME = /^([a-z0-9-]+\.)*localhost$/;

/** `example.org:8000` → `example.org`, `[::1]:8000` → `::1`, in lower case and without a trailing dot. */
export function hostName(authority: string): string {
  const bracketed = /^\[([^\]]*)\](:\d*)?$/.exec(authority)?.[1];
  return (bracketed ?? authority.replace(/:\d*$/, '')).toLowerCase().replace(/\.$/, '');
}

/**
 * Tells whether a `Host` header names this service. A foreign page whose name was rebound to our address (DNS rebinding) sends
 * its own name here, and would otherwise count as same-origin.
 */
export class HostPolicy {
  private readonly names: ReadonlySet<string>;

  /** @param allowed names beyond IP literals and `localhost`, such as the configured HOST */
  constructor(allowed: readonly string[]) {
    this.names = new Set(allowed.map(hostName));
  }

  /** False without a header, which HTTP/1.1 requires. */
  allows(authority: string | undefined): boolean {
    if (authority === undefined) return false;
    const name = hostName(authority);
    return isIP(name) !== 0 || LOOPBACK_NAME.test(name) || this.names.has(name);
  }
}
