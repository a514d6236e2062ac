/** Names of settings and query parameters whose values are secret. */
export const SECRET_NAME =
  /secret|passw|pwd|_headers$|token|private|credential|signature|api-?key|(^|[_-])(key|auth|sig)($|[_-])/i;
/** Separates two addresses of a list; an address may contain a comma, too. */
const NEXT_ADDRESS = /,(?=[a-z][a-z0-9+.-]*:\/\/)/i;

/**
 * An address, or several separated by commas, without secrets: without user and password, and without parameters whose names say
 * that they are secret. In a text that is no address, everything before the last `@` is hidden.
 */
export function withoutCredentials(address: string): string {
  return address.split(NEXT_ADDRESS).map(shownOf).join(',');
}

function shownOf(address: string): string {
  const url = address.includes('://') && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) {
    const at = address.lastIndexOf('@');
    const scheme = address.slice(0, address.indexOf('://') + 1);
    return at === -1 ? address : `${scheme === '' ? '' : `${scheme}//`}(hidden)${address.slice(at)}`;
  }
  const secret = [...url.searchParams.keys()].filter((name) => SECRET_NAME.test(name));
  if (url.username === '' && url.password === '' && secret.length === 0) return address;
  url.username = '';
  url.password = '';
  for (const name of secret) url.searchParams.delete(name);
  // An address that was written without a path is shown without one.
  return url.pathname === '/' && url.search === '' && !address.endsWith('/') ? url.origin : url.href;
}

/** The `Authorization` header for the user and password of an address; undefined when it has none. */
export function basicAuthorization(address: string): string | undefined {
  const { username, password } = new URL(address);
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // The per cent sign is no escape, but part of the text.
    return text;
  }
}
