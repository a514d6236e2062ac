import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statfsSync,
} from 'node:fs';
import { Logger } from '@nestjs/common';
import { withoutByteOrderMark } from '../config/editor-text.js';

const OTHERS_MAY_USE = 0o077;
const ANYBODY_MAY_WRITE = 0o222;
/** The kernel's number for file systems in memory. */
const TMPFS = 0x01021994;
/** No secret of ours is longer, so a longer file is another one. */
const MAX_BYTES = 16_384;

/**
 * Reads a secret from a file, without the line break at its end. Warns once about a file that others may use.
 *
 * @throws Error with a sentence for the operator, which never holds what the file holds
 */
export function readSecretFile(path: string): string {
  let file: number;
  try {
    // Non-blocking: a pipe that nobody writes to must not hold up the start. Orchestrators mount secrets as links.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(error);
  }
  try {
    return readOpen(path, file);
  } finally {
    closeSync(file);
  }
}

/** Checks and reads the same open file: between two uses of a path, another file may take its place. */
function readOpen(path: string, file: number): string {
  const stats = fstatSync(file);
  if (!stats.isFile() || stats.size > MAX_BYTES) {
    throw new Error(`this is not a file of at most ${MAX_BYTES} bytes`);
  }
  warnIfOpen(path, stats);
  try {
    return withoutByteOrderMark(readFileSync(file, 'utf8')).trimEnd();
  } catch (error) {
    throw unreadable(error);
  }
}

const warned = new Set<string>();

/**
 * Orchestrators mount secrets as root's with their own modes (0440, 0444), and nobody in the container can change those. So it warns
 * only about our own files on a disk, once for each mode.
 */
function warnIfOpen(path: string, stats: Stats): void {
  if ((stats.mode & OTHERS_MAY_USE) === 0 || isMounted(path, stats)) return;
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  const line = `${path} can be used by group or others (mode ${mode}): chmod 600 '${path}'`;
  if (warned.has(line)) return;
  warned.add(line);
  new Logger('secrets').warn(line);
}

/** Whether the file looks mounted by an orchestrator: another user's, read-only, in memory, or behind Kubernetes' links. */
function isMounted(path: string, { uid, mode }: Stats): boolean {
  return (
    uid !== (process.geteuid?.() ?? uid) ||
    (mode & ANYBODY_MAY_WRITE) === 0 ||
    statfsSync(path).type === TMPFS ||
    realpathSync(path).includes('/..')
  );
}

function unreadable(error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  const who = code === 'EACCES' ? `: user ${String(process.geteuid?.())} may not read it` : '';
  return new Error(`the file cannot be read (${String(code)}${who})`, { cause: error });
}
