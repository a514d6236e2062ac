import { askJson, ProblemError } from '../net/problem-error.js';
import { askForToken, tokenHeader } from './token-store.js';

const UNAUTHORIZED = 401;

/** Who asks: a user who has just done something and waits, or the page by itself. */
export type Asker = 'user' | 'page';

/** True for the answer of a service that needs a token, or a different one. */
export function wantsToken(error: unknown): error is ProblemError {
  return error instanceof ProblemError && error.status === UNAUTHORIZED;
}

/**
 * `askJson` for routes that a token may guard: sends the user's token. When a user waits and the token is missing or wrong, it
 * asks the user for one and then tries once more.
 *
 * @throws ProblemError
 */
export async function askGuarded<T>(url: string, init: RequestInit, asker: Asker): Promise<T> {
  for (;;) {
    try {
      return await askJson<T>(url, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), ...tokenHeader() },
      });
    } catch (error) {
      if (asker === 'page' || !wantsToken(error) || !(await askForToken(error.message))) throw error;
    }
  }
}
