import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PIECE = Buffer.alloc(64 * 1024, 0xff);
const PIECES = 16;

/**
 * A file that holds a little room on the disk. lmdb never changes a page in place, so that even to remove something it
 * needs new ones: on a full disk nothing could be removed, and nothing would ever get better. This is given up then.
 */
export class DiskReserve {
  private readonly path: string;

  constructor(private readonly directory: string) {
    this.path = join(directory, 'reserve');
  }

  /** Takes as much of the room as there is; without any, a later call may find some. */
  take(): void {
    const file = openSync(this.path, 'a', 0o600);
    try {
      for (let held = Math.floor(statSync(this.path).size / PIECE.length); held < PIECES; held += 1) {
        writeSync(file, PIECE);
      }
    } catch (error) {
      if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) {
        throw error;
      }
    } finally {
      closeSync(file);
    }
  }

  give(): void {
    rmSync(this.path, { force: true });
  }

  /** What the disk has left, in bytes. */
  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.directory);
    return bavail * bsize;
  }
}
