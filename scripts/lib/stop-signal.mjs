/** A signal is delivered twice when a terminal sends it to the whole group and npm passes it on as well. */
const ECHO_MS = 1000;

/**
 * Waits for the request to stop: SIGINT, SIGTERM or SIGHUP. Echoes of the first are ignored; a further one, later
 * than a second, is a person who does not want to wait.
 * @param {() => void} onImpatience called for that second request
 * @returns {AbortSignal} fires on the first request
 */
export function stopSignal(onImpatience) {
  const stop = new AbortController();
  let firstAtMs = 0;
  const onSignal = () => {
    if (!stop.signal.aborted) {
      firstAtMs = performance.now();
      stop.abort(new Error('stopped'));
    } else if (performance.now() - firstAtMs > ECHO_MS) {
      onImpatience();
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  return stop.signal;
}
