import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Asks until the answer is true. An attempt that throws (nobody listens yet) is an answer "not yet".
 * @throws Error "gave up waiting for …", with the last failure as its cause
 */
export async function waitFor(what: string, timeoutMs: number, probe: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  let lastFailure: unknown;
  while (performance.now() < deadlineMs) {
    try {
      if (await probe()) return;
    } catch (error) {
      lastFailure = error;
    }
    await delay(POLL_MS);
  }
  throw new Error(`gave up waiting for ${what}`, { cause: lastFailure });
}
