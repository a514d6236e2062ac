import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
/** For what never comes. On a busy machine all the rest may take its time. */
const WITHIN_MS = 60_000;
/** Inside one process, checking costs nothing. */
const SHORT_POLL_MS = 5;

/**
 * Waits for a condition. While the probe throws (nobody listens yet), the condition does not hold yet.
 * @param what completes the sentence "gave up waiting for …"
 * @param probe gives a value once the condition holds, undefined or false before
 * @throws when the time runs out, with the probe's last error as the cause
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = WITHIN_MS,
  pollMs = POLL_MS,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      lastError = error;
    }
    await sleep(pollMs);
  } while (performance.now() < deadlineMs);
  throw new Error(`gave up waiting for ${what} after ${timeoutMs / 1000} s`, { cause: lastError });
}

/** The same for a condition that its own code names. A condition that throws ends the wait. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = WITHIN_MS,
): Promise<void> {
  let failure: unknown;
  const probe = async (): Promise<boolean> => {
    try {
      return await condition();
    } catch (error) {
      failure = error;
      return true;
    }
  };
  await waitUntil(condition.toString(), probe, timeoutMs, SHORT_POLL_MS);
  if (failure !== undefined) throw failure;
}
