import { closeSync, constants, fstatSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SpoolFailedError } from '../errors.js';

/** What went wrong, in words. */
export function reasonOf(cause: unknown): string {
  // Not `instanceof`: an error of another realm is no Error here.
  const message = (cause as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : String(cause);
}

/** Whether lmdb rejects its file; false when the system failed a write. */
export function isStructural(failure: unknown): boolean {
  return /^MDB_(?!MAP_FULL)/.test(reasonOf(failure));
}

/** Takes every step, even when earlier ones fail. @returns what they threw */
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

/** Emits a process warning, which Node prints on standard error by default. */
export function emitWarning({ message, name, code }: SpoolFailedError): void {
  process.emitWarning(message, { type: name, code });
}

const PIECE = Buffer.alloc(64 * 1024, 0xff);
const PIECES = 16;
/** As flag `a`, but never follows a link that somebody put there. */
const RESERVE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
/** Its name in the folder. */
export const RESERVE_FILE = 'reserve';
/** Roughly the room that a transaction needs besides what it stores. */
const LEAST_ROOM_BYTES = 64 * 1024;

/**
 * A file that reserves a little room on the disk. lmdb never changes a page in place, so even removing something takes new
 * pages: on a full disk nothing could be removed, and the disk would stay full. The reserve is given up then.
 */
export class DiskReserve {
  private readonly path: string;

  constructor(private readonly directory: string) {
    this.path = join(directory, RESERVE_FILE);
  }

  /** Takes as much of the reserve as there is room for; a later call may find more. */
  take(): void {
    let file: number | undefined;
    try {
      // Even making an empty file can need room.
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

  /** Even opening a spool on a full disk needs some room. */
  giveIfFull(): void {
    if (!this.hasRoomFor(0)) {
      this.give();
    }
  }

  /** Whether `bytes` can be stored. Also true when the room is unknown: then the write finds out. */
  hasRoomFor(bytes: number): boolean {
    const free = this.freeBytes();
    return free === undefined || free >= bytes + LEAST_ROOM_BYTES;
  }

  /** The room left on the disk, in words for a message. It never throws. */
  describeRoom(): string {
    const free = this.freeBytes();
    return free === undefined ? 'its free room is unknown' : `${free} bytes are free`;
  }

  /** Undefined when the disk cannot be asked: the folder is gone, for example. */
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
