import { readSecretFile } from './secret-file.js';

/** What a bearer token is made of (RFC 6750), long enough not to be guessed. */
const TOKEN = /^[A-Za-z0-9._~+/-]{16,512}=*$/;

/** The settings that name the token of a service's API. */
export interface ApiTokenSettings {
  readonly API_TOKEN?: string;
  readonly API_TOKEN_FILE?: string;
}

/**
 * The token that requests need; undefined when they need none.
 *
 * @throws Error with a sentence for the operator that never holds the token
 */
export function apiToken({ API_TOKEN, API_TOKEN_FILE }: ApiTokenSettings): string | undefined {
  if (API_TOKEN !== undefined && API_TOKEN_FILE !== undefined) {
    throw new Error('API_TOKEN and API_TOKEN_FILE are both set; set only one of them');
  }
  const token = API_TOKEN_FILE === undefined ? API_TOKEN : readSecretFile(API_TOKEN_FILE);
  if (token !== undefined && !TOKEN.test(token)) {
    throw new Error('a token must have at least 16 characters: letters, digits and . _ ~ + / -');
  }
  return token;
}
