/**
 * Asks a health route until it answers 200.
 * @param {string} url
 * @param {AbortSignal} signal ends the wait: a stop, a death of the asked process, or a time limit
 * @returns {Promise<void>}
 * @throws the signal's reason when it fires first
 */
export async function waitForHealth(url, signal) {
  while (!(await answersOk(url, signal))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} false while nobody listens or the answer is not 200
 */
async function answersOk(url, signal) {
  signal.throwIfAborted();
  try {
    const response = await fetch(url, { signal });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    // Nobody listens yet, or the wait was ended: only the latter is an answer to our caller.
    signal.throwIfAborted();
    return false;
  }
}
