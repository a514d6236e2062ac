/** What a request says about where it comes from. */
export interface RequestOrigin {
  readonly method: string;
  /** The `Host` header. */
  readonly host: string | undefined;
  /** The `Origin` header; the text `null` for a page that hides where it is from. */
  readonly origin: string | undefined;
  /** The `Sec-Fetch-Site` header; browsers set it, pages cannot. */
  readonly fetchSite: string | undefined;
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** `none` is the user's own doing, such as a bookmark. */
const OWN_SITE = new Set(['same-origin', 'none']);

/**
 * Tells whether a request that changes something was made by a page of another site (a form that posts here needs no
 * permission from us). Programs send neither header and are nobody's page. `same-site` counts as foreign: another
 * port of the same host may belong to anybody.
 */
export function isForeignWrite({ method, host, origin, fetchSite }: RequestOrigin): boolean {
  if (READING.has(method)) return false;
  if (fetchSite !== undefined) return !OWN_SITE.has(fetchSite);
  // Browsers leave Sec-Fetch-Site out on plain http to a name; Origin is there on every form post.
  return origin !== undefined && originHost(origin) !== host?.toLowerCase();
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
