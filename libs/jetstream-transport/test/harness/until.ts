import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition. A probe that throws is an unmet condition; the last error is told when time runs out. */
export async function until<T>(
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
    await sleep(10);
  }
  throw new Error(`gave up waiting for ${what}`, { cause: lastError });
}
