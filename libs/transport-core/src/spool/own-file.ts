import { chmodSync, constants, existsSync, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const OTHERS_MAY_USE = 0o077;
/** A user who can put a link into the folder must not choose which file is written; and a pipe must not block the start. */
const AS_IT_IS = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file that belongs to this program alone, or makes it (0600). Takes other users' access to it away.
 *
 * @param flags such as `constants.O_RDWR`; a link is never followed
 * @throws Error with a sentence when it is a link, no regular file, or another user's
 */
export async function openOwnFile(path: string, flags: number): Promise<FileHandle> {
  const file = await openAsItIs(path, flags);
  try {
    const stats = await file.stat();
    assertOwn(path, stats);
    if ((stats.mode & OTHERS_MAY_USE) !== 0) {
      await file.chmod(0o600);
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Does the same to an existing file, without opening it: closing a lock file gives up all locks that this process has on it,
 * including lmdb's.
 *
 * @throws Error with a sentence
 */
export function checkOwnFile(path: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) {
    throw isLink(path);
  }
  assertOwn(path, stats);
  if ((stats.mode & OTHERS_MAY_USE) !== 0) {
    chmodSync(path, 0o600);
  }
}

/**
 * Remembers where a file was when it was opened. A process that has it open does not notice when its folder is moved away or
 * deleted: all writes still work, and the next start finds none of them.
 */
export class FilePlace {
  private readonly identity: string | undefined;

  /** @param path of an existing file */
  constructor(private readonly path: string) {
    this.identity = identityOf(path);
  }

  /** Asks the file system, which takes some microseconds. */
  get isLost(): boolean {
    return this.identity === undefined || identityOf(this.path) !== this.identity;
  }
}

async function openAsItIs(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags | constants.O_CREAT | AS_IT_IS, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') {
      throw isLink(path, error);
    }
    if (code === 'ENXIO' || code === 'EISDIR') {
      throw notRegular(path, error);
    }
    throw error;
  }
}

function assertOwn(path: string, stats: Stats): void {
  if (!stats.isFile()) {
    throw notRegular(path);
  }
  const user = process.geteuid?.() ?? stats.uid;
  if (stats.uid !== user) {
    const message = `${path} belongs to the user ${stats.uid}, and this program runs as ${user}`;
    throw Object.assign(new Error(message), { code: 'EPERM', path });
  }
}

function isLink(path: string, cause?: unknown): Error {
  return new Error(`${path} is a link, and links are not followed: name the file itself`, { cause });
}

function notRegular(path: string, cause?: unknown): Error {
  return new Error(`${path} is not a regular file`, { cause });
}

/** @returns undefined when there is no file under that path. */
function identityOf(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats && `${stats.dev}:${stats.ino}`;
  } catch {
    // Whatever hides the file now (a folder on the way without access, a share that is gone) would also hide it from the next
    // start.
    return undefined;
  }
}

/**
 * Makes a folder and those above it, accessible to this user only. One by one: Node's own `recursive` never returns on file
 * systems that answer ENOENT although the parent folder exists (/proc).
 * @param mode of what is made, of which the process' umask takes away
 */
export function makeFolder(path: string, mode = 0o700): void {
  const folder = resolve(path);
  if (existsSync(folder)) {
    return;
  }
  makeFolder(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have made it first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  }
}

const GROUP_MAY_WRITE = 0o020;
const OTHERS_MAY_WRITE = 0o002;

/**
 * Whether others may replace a folder's contents, and what to do about it. The program starts anyway: container volumes are
 * mounted like that, without other users around. Group write access to another user's folder is fine: it is how this program
 * itself writes there.
 *
 * @returns words to put behind the folder's name; undefined when only this program's user may write
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
  return `is in a folder that others may write to (mode ${modeText}): they can replace what it keeps; ${advice}`;
}

/**
 * Which permission a failed write lacked, and what to do about it.
 *
 * @param path what should have been written, in case the error does not name it
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

/** The path itself, or the nearest folder above it that is visible. */
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
