import { closeSync, constants, fstatSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SpoolFailedError } from '../errors.js';

/** What went wrong, in words. */
export function reasonOf(cause: unknown): string {
  // Also where the error is of another realm, and no Error here.
  const message = (cause as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : String(cause);
}

/** Whether lmdb refuses its file, and not the system a write. */
export function isStructural(failure: unknown): boolean {
  return /^MDB_(?!MAP_FULL)/.test(reasonOf(failure));
}

/** Takes every step, whatever becomes of those before it. @returns what they threw */
export async function failuresOf(steps: readonly (() => unknown)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (cause) {
      failures.push(cause);
    }
  }
  return failures;
}

/** Says it on the standard error of the process, unless that is told otherwise. */
export function emitWarning({ message, name, code }: SpoolFailedError): void {
  process.emitWarning(message, { type: name, code });
}

const PIECE = Buffer.alloc(64 * 1024, 0xff);
const PIECES = 16;
/** As `a`, but where somebody put a link, what it leads to is not written to. */
const RESERVE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
/** Its name in the folder. */
export const RESERVE_FILE = 'reserve';
/** What a transaction wants beside what it stores, roughly. */
const LEAST_ROOM_BYTES = 64 * 1024;

/**
 * A file that holds a little room on the disk. lmdb never changes a page in place, so that even to remove something it
 * needs new ones: on a full disk nothing could be removed, and nothing would ever get better. This is given up then.
 */
export class DiskReserve {
  private readonly path: string;

  constructor(private readonly directory: string) {
    this.path = join(directory, RESERVE_FILE);
  }

  /** Takes as much of the room as there is; without any, a later call may find some. */
  take(): void {
    let file: number | undefined;
    try {
      // Even to make an empty file can want room.
      file = openSync(this.path, RESERVE_FLAGS, 0o600);
      for (let held = Math.floor(fstatSync(file).size / PIECE.length); held < PIECES; held += 1) {
        writeSync(file, PIECE);
      }
    } catch (error) {
      if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) {
        throw error;
      }
    } finally {
      if (file !== undefined) {
        closeSync(file);
      }
    }
  }

  give(): void {
    rmSync(this.path, { force: true });
  }

  /** Even to look at a full disk's spool wants some room. */
  giveIfFull(): void {
    if (!this.hasRoomFor(0)) {
      this.give();
    }
  }

  /** Whether so much can be stored. Also true when the disk does not tell: then the write finds out. */
  hasRoomFor(bytes: number): boolean {
    const free = this.freeBytes();
    return free === undefined || free >= bytes + LEAST_ROOM_BYTES;
  }

  /** What the disk has left, in words for a message. It never throws. */
  describeRoom(): string {
    const free = this.freeBytes();
    return free === undefined ? 'its room cannot be told' : `${free} bytes are free`;
  }

  /** Undefined when the disk cannot be asked: the folder has gone, say. */
  private freeBytes(): number | undefined {
    try {
      const { bavail, bsize } = statfsSync(this.directory);
      return bavail * bsize;
    } catch {
      // The caller is about to write, or has just failed to: the write itself says what is wrong.
      return undefined;
    }
  }
}
