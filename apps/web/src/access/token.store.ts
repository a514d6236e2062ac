import { useSyncExternalStore } from 'react';

/** Until the tab is closed, and for this tab alone. */
const KEY = 'trade-desk.token';

interface Question {
  /** Why it is asked, in the server's own words. */
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
 * Asks the user for the token; who asks while the question stands waits for the same answer.
 *
 * @returns false when the user gave none
 */
export function askForToken(reason: string): Promise<boolean> {
  const asked = question ?? { reason, waiting: [] };
  if (asked !== question) setQuestion(asked);
  return new Promise((resolve) => asked.waiting.push(resolve));
}

/** The user's answer; undefined for none. */
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

/** Why a token is asked for now; undefined while none is. */
export function useTokenReason(): string | undefined {
  return useSyncExternalStore(subscribe, () => question?.reason);
}
