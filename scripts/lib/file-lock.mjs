import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const BEAT_MS = 1000;
/** An owner that lives touches its lock once a second; one that missed ten is gone. */
const GONE_MS = 10 * BEAT_MS;

/**
 * Runs the work while no other process runs work under the same lock. An owner that was killed leaves its lock behind: a waiter takes
 * it over when it has seen no sign of life for `goneMs`. No clock is compared with a file's, so a suspended machine is no end.
 * @template T
 * @param {string} file the lock; made, and deleted at the end
 * @param {() => Promise<T>} work
 * @param {{ onWait?: () => void, beatMs?: number, goneMs?: number }} [how] `onWait` is called once, when the lock is another's
 * @returns {Promise<T>} what the work gives
 */
export async function withFileLock(file, work, { onWait, beatMs = BEAT_MS, goneMs = GONE_MS } = {}) {
  const token = `${process.pid} ${Math.random()}`;
  await take(file, token, { onWait, beatMs, goneMs });
  const heart = setInterval(() => touch(file), beatMs).unref();
  try {
    return await work();
  } finally {
    clearInterval(heart);
    if (contentOf(file) === token) rmSync(file, { force: true });
  }
}

/**
 * @param {string} file
 * @param {string} token
 * @param {{ onWait: (() => void) | undefined, beatMs: number, goneMs: number }} how
 */
async function take(file, token, { onWait, beatMs, goneMs }) {
  mkdirSync(dirname(file), { recursive: true });
  let seen = '';
  let seenAtMs = 0;
  while (!create(file, token)) {
    const sign = signOf(file);
    if (seen === '') onWait?.();
    if (sign !== seen) [seen, seenAtMs] = [sign, performance.now()];
    else if (performance.now() - seenAtMs > goneMs) discard(file, seen);
    await delay(beatMs / 4);
  }
}

/**
 * @param {string} file
 * @param {string} token
 * @returns {boolean} whether there was none
 */
function create(file, token) {
  try {
    writeFileSync(file, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Moves a lock away whose owner is gone. Of several waiters one moves it; another one would find a new lock, and leaves it.
 * @param {string} file
 * @param {string} seen
 */
function discard(file, seen) {
  if (signOf(file) !== seen) return;
  const away = `${file}.${process.pid}`;
  try {
    renameSync(file, away);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return;
    throw error;
  }
  rmSync(away, { force: true });
}

/**
 * What changes with each sign of life of the owner.
 * @param {string} file
 */
function signOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs}`;
}

/** @param {string} file */
function contentOf(file) {
  return statSync(file, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(file, 'utf8');
}

/** @param {string} file */
function touch(file) {
  const now = new Date();
  // Deleted by hand, or with the folder: the work goes on, and its end finds nothing to delete.
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) utimesSync(file, now, now);
}
