import { hostName } from './host.policy.js';

/** What a request says about where it comes from. */
export interface RequestOrigin {
  readonly method: string;
  /** The `Host` header, or what the client asked for as a trusted proxy tells it. */
  readonly host: string | undefined;
  /** The `Origin` header; the text `null` for a page that hides where it is from. */
  readonly origin: string | undefined;
  /** The `Sec-Fetch-Site` header; browsers set it, pages cannot. */
  readonly fetchSite: string | undefined;
  /** What the client asked with, as a trusted proxy tells it; the page must have come the same way. */
  readonly scheme?: string | undefined;
  /** Hosts whose pages are ours, as an origin names them: with the port where it is not the scheme's. */
  readonly ownHosts?: ReadonlySet<string>;
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** `none` is the user's own doing, such as a bookmark. */
const OWN_SITE = new Set(['same-origin', 'none']);

/**
 * Tells whether a request that changes something was made by a page of another site (a form that posts here needs no
 * permission from us). Programs send neither header and are nobody's page. `same-site` counts as foreign: another
 * port of the same host may belong to anybody.
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
  // Browsers leave Sec-Fetch-Site out on plain http to a name; Origin is there on every form post.
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  const page = new URL(origin);
  if (scheme !== undefined && page.protocol !== `${scheme}:`) return true;
  if (page.host === authority(host, page.protocol)) return false;
  if (ownHosts === undefined || !ownHosts.has(page.host)) return true;
  // A proxy may have put another name in the place of ours. One that has left our name has left it to us to see that
  // the port is another's, unless that port was named as ours.
  return page.port === '' && hostName(host ?? '') === hostName(page.host);
}

/** `desk.example:443` is `desk.example` where https is spoken, as in an origin. */
function authority(host: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${host ?? ''}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}
