import { useSyncExternalStore } from 'react';

/** Kept for this tab only, until it is closed. */
const KEY = 'trade-desk.token';

interface Question {
  /** Why a token is needed, in the server's own words. */
  readonly reason: string;
  readonly waiting: ((isGiven: boolean) => void)[];
}

const listeners = new Set<() => void>();
let question: Question | undefined;

function setQuestion(next: Question | undefined): void {
  question = next;
  for (const listener of listeners) listener();
}

/** The header that carries the token, when the user has given one. */
export function tokenHeader(): Record<string, string> {
  const token = sessionStorage.getItem(KEY);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/**
 * Asks the user for the token; callers that ask meanwhile wait for the same answer.
 *
 * @returns false when the user gave none
 */
export function askForToken(reason: string): Promise<boolean> {
  const asked = question ?? { reason, waiting: [] };
  if (asked !== question) setQuestion(asked);
  return new Promise((resolve) => asked.waiting.push(resolve));
}

/** The user's answer; undefined without one. */
export function answerToken(token: string | undefined): void {
  const asked = question;
  if (token !== undefined) sessionStorage.setItem(KEY, token);
  setQuestion(undefined);
  for (const resolve of asked?.waiting ?? []) resolve(token !== undefined);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Why the page asks for a token now; undefined while it does not. */
export function useTokenReason(): string | undefined {
  return useSyncExternalStore(subscribe, () => question?.reason);
}
