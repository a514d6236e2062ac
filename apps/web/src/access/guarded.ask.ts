import { askJson, ProblemError } from '../net/problem.error.js';
import { askForToken, tokenHeader } from './token.store.js';

const UNAUTHORIZED = 401;

/** Whether somebody has just done something and waits, or the page asks by itself. */
export type Asker = 'user' | 'page';

/** True for the answer of a service that wants a token, or another one. */
export function wantsToken(error: unknown): error is ProblemError {
  return error instanceof ProblemError && error.status === UNAUTHORIZED;
}

/**
 * `askJson` for what a token may guard: sends the one that the user gave. When a user waits and it is missing or wrong,
 * asks for it, and then once more for the answer.
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
