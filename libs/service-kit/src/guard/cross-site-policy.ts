import { hostName } from './host-policy.js';

/** Where a request says that it comes from. */
export interface RequestOrigin {
  readonly method: string;
  /** The `Host` header, or the host that a trusted proxy says the client asked for. */
  readonly host: string | undefined;
  /** The `Origin` header; the text `null` for a page that hides its origin. */
  readonly origin: string | undefined;
  /** The `Sec-Fetch-Site` header; browsers set it, pages cannot. */
  readonly fetchSite: string | undefined;
  /** The scheme that a trusted proxy says the client used; the page must have come by the same. */
  readonly scheme?: string | undefined;
  /** Hosts whose pages are ours, written as in an origin: with the port where it is not the scheme's. */
  readonly ownHosts?: ReadonlySet<string>;
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** `none` means that the user did it, such as by a bookmark. */
const OWN_SITE = new Set(['same-origin', 'none']);

/**
 * Tells whether a page of another site made a request that changes something (a form may post here without our permission).
 * Programs send neither header, and are not pages. `same-site` counts as foreign: another port of the same host may belong to
 * anybody.
 */
export function isForeignWrite({
  method,
  host,
  origin,
  fetchSite,
  scheme,
  ownHosts,
}: RequestOrigin): boolean {
  if (READING.has(method)) return false;
  if (fetchSite !== undefined) return !OWN_SITE.has(fetchSite);
  // Browsers send no Sec-Fetch-Site over plain http to a name, but every form post has an Origin.
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  const page = new URL(origin);
  if (scheme !== undefined && page.protocol !== `${scheme}:`) return true;
  if (page.host === authority(host, page.protocol)) return false;
  if (ownHosts === undefined || !ownHosts.has(page.host)) return true;
  // A proxy may have replaced our name in Host. Where our name is still there, a page of the same name on another port is
  // foreign, unless that port was named as ours.
  return page.port === '' && hostName(host ?? '') === hostName(page.host);
}

/** `desk.example:443` is `desk.example` where https is spoken, as in an origin. */
function authority(host: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${host ?? ''}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}
