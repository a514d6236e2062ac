import { chmodSync, constants, lstatSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const OTHERS_MAY_USE = 0o077;
/** Whoever may put a link into the folder must not choose what is written to; and a pipe must not hold the start up. */
const AS_IT_IS = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file that belongs to this program alone, and makes it (0600) where there is none. One that others may use is
 * closed to them.
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
 * The same for a file that is there, without opening it: to close a lock file gives up all locks that this process has
 * on it, lmdb's too.
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
 * Where a file was when it was opened. Who has it open does not notice that its folder is moved away or deleted: all
 * that is written goes on to work, and the next start finds nothing of it.
 */
export class FilePlace {
  private readonly identity: string | undefined;

  /** @param path of a file that is there */
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
  return new Error(`${path} is no regular file`, { cause });
}

/** @returns undefined when the file cannot be found under that path. */
function identityOf(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats && `${stats.dev}:${stats.ino}`;
  } catch {
    // Whatever keeps it from being found now (a folder on the way that is closed, a share that is gone) would keep the
    // next start from finding it.
    return undefined;
  }
}
