import { create } from 'zustand';

/** Kept for this tab only, until it is closed. */
const KEY = 'trade-desk.token';

interface Question {
  /** Why a token is needed, in the server's own words. */
  readonly reason: string;
  readonly waiting: ((isGiven: boolean) => void)[];
}

const useStore = create<{ readonly question: Question | undefined }>(() => ({ question: undefined }));

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
  const { question } = useStore.getState();
  const asked = question ?? { reason, waiting: [] };
  if (asked !== question) useStore.setState({ question: asked });
  return new Promise((resolve) => asked.waiting.push(resolve));
}

/** The user's answer; undefined without one. */
export function answerToken(token: string | undefined): void {
  const { question: asked } = useStore.getState();
  if (token !== undefined) sessionStorage.setItem(KEY, token);
  useStore.setState({ question: undefined });
  for (const resolve of asked?.waiting ?? []) resolve(token !== undefined);
}

/** Why the page asks for a token now; undefined while it does not. */
export function useTokenReason(): string | undefined {
  return useStore(({ question }) => question?.reason);
}
