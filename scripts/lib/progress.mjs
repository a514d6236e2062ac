import { stdout } from 'node:process';

const EVERY_MS = 1000;

/**
 * @param {number} sinceMs of `performance.now()`
 * @returns {string} such as `9 s` or `2 min 05 s`
 */
export function timeSince(sinceMs) {
  const seconds = Math.round((performance.now() - sinceMs) / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/**
 * Says what is done now, how long it takes while somebody watches, and how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} step
 * @returns {Promise<T>} what the step gives
 */
export async function timed(title, step) {
  const sinceMs = performance.now();
  const isWatched = stdout.isTTY;
  const show = () => stdout.write(`\r${title} … ${timeSince(sinceMs)}`);
  const clock = isWatched ? setInterval(show, EVERY_MS).unref() : undefined;
  if (isWatched) show();
  else console.log(title);
  let outcome = 'failed after';
  try {
    const result = await step();
    outcome = 'done in';
    return result;
  } finally {
    clearInterval(clock);
    console.log(
      isWatched ? `\r${title}: ${outcome} ${timeSince(sinceMs)}` : `  ${outcome} ${timeSince(sinceMs)}`,
    );
  }
}
