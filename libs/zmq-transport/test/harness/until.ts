import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` holds.
 * @throws when it does not within `timeoutMs`.
 */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    }
    await delay(5);
  }
}
