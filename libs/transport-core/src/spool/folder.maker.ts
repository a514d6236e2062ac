import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, and those above it, for the eyes of this user alone. One by one: Node's own `recursive` never comes
 * back from file systems that answer ENOENT although the folder above is there (/proc).
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  if (existsSync(folder)) {
    return;
  }
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  }
}

const GROUP_MAY_WRITE = 0o020;
const OTHERS_MAY_WRITE = 0o002;

/**
 * Whether others may put something else in the place of what a folder keeps, and what to do about it. That is no reason
 * not to start: volumes of containers are mounted like that, with nobody else in sight. A group that may write to a
 * folder of another user is how this program got in.
 *
 * @returns words to put behind the folder's name; undefined where only this program's user may write
 */
export function opennessOf(folder: string): string | undefined {
  const { mode, uid } = statSync(folder);
  const isOurs = uid === (process.geteuid?.() ?? uid);
  const forbidden = isOurs ? GROUP_MAY_WRITE | OTHERS_MAY_WRITE : OTHERS_MAY_WRITE;
  if (process.platform === 'win32' || (mode & forbidden) === 0) {
    return undefined;
  }
  const modeText = (mode & 0o7777).toString(8).padStart(4, '0');
  const advice = isOurs
    ? `chmod go-w '${resolve(folder)}'`
    : `it belongs to the user ${uid}, who can: chmod o-w '${resolve(folder)}'`;
  return `lies in a folder that others may write to (mode ${modeText}), and so may replace what it keeps; ${advice}`;
}

/**
 * Which right a failed attempt to write was in want of, and what to do about it.
 *
 * @param path what was to be written to, where the error does not say so itself
 * @returns a sentence; undefined when it failed for another reason
 */
export function missingRight(path: string, error: unknown): string | undefined {
  const { code, path: tried = path } = error as NodeJS.ErrnoException;
  const place = resolve(tried);
  const user = process.geteuid?.();
  const who = user === undefined ? 'this user' : `the user ${user}`;
  if (code === 'EROFS') {
    return `'${place}' is on a read-only file system (EROFS): mount a volume there that ${who} may write to`;
  }
  if (code !== 'EACCES' && code !== 'EPERM') {
    return undefined;
  }
  const { path: there, mode, uid } = nearest(place);
  const modeText = (mode & 0o7777).toString(8).padStart(4, '0');
  const give = `chown ${user ?? 'USER'} '${place}'`;
  const advice = there === place ? give : `make '${place}' and give it to that user: ${give}`;
  return `${who} may not write to '${there}' (${code}; it belongs to the user ${uid}, mode ${modeText}): ${advice}`;
}

/** The path itself, or the first folder above it that can be seen. */
function nearest(path: string): { path: string; mode: number; uid: number } {
  try {
    const { mode, uid } = statSync(path);
    return { path, mode, uid };
  } catch (error) {
    if (dirname(path) === path) {
      throw error;
    }
    return nearest(dirname(path));
  }
}
