import { readJson, ProblemError } from '../net/problem-error.js';

/** The content of an app's health answer. */
export interface Health {
  /** Every check by its name, good or bad. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Reads a health route, which answers with 503 and the same content when a check is bad; empty when nobody answers. */
export async function askHealth(url: string): Promise<Health> {
  try {
    const answer = await fetch(url, { cache: 'no-store' });
    return readJson<Health>(await answer.text());
  } catch (error) {
    // The header says which app is down; the caller asks again.
    if (error instanceof ProblemError || error instanceof TypeError) return {};
    throw error;
  }
}
