import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * Waits for a condition. A probe that throws (nobody listens yet) is an unmet condition; the last error is told
 * when time runs out.
 * @param what completes the sentence "gave up waiting for …"
 * @param probe gives a value once the condition holds, undefined or false before
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 15_000,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  let lastError: unknown;
  while (performance.now() < deadlineMs) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      lastError = error;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`gave up waiting for ${what}`, { cause: lastError });
}
