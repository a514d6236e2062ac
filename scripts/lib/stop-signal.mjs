import { basename } from 'node:path';

/** How often npm is looked for. */
const LOOK_MS = 500;
/** A signal is delivered twice when a terminal sends it to the whole group and npm passes it on as well. */
const ECHO_MS = 1000;

/**
 * Waits for the request to stop: SIGINT, SIGTERM or SIGHUP, or the death of the npm that ran this script. Echoes of the first are ignored; a further one, later
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
  onNpmGone(onSignal);
  // With a closed terminal each line we write is an error: it must not end us before those who drain.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (!('code' in error) || (error.code !== 'EPIPE' && error.code !== 'EIO')) throw error;
    });
  }
  return stop.signal;
}

/**
 * A killed npm passes nothing on. Its script has then another parent, and nobody who could stop it.
 * @param {() => void} onGone called once
 */
function onNpmGone(onGone) {
  // npm tells everything below it what it runs: only the script itself is its child.
  const script = process.env['npm_lifecycle_script'] ?? '';
  if (!script.endsWith(basename(process.argv[1] ?? '/'))) return;
  const npm = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(look);
    onGone();
  }, LOOK_MS).unref();
}

const EXIT_CODES = /** @type {const} */ ({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 });

/**
 * Ends this process on a signal as a shell would tell it, by its exit handlers, which end what it has started.
 * @param {() => Promise<void>} [first] what takes longer than an exit handler may
 */
export function endOnSignals(first = () => Promise.resolve()) {
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    process.once(signal, () => void first().finally(() => process.exit(code)));
  }
}
