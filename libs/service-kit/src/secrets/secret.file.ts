import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { withoutByteOrderMark } from '../config/editor.text.js';

const OTHERS_MAY_USE = 0o077;
/** No secret of ours is longer; what is, is another file. */
const MAX_BYTES = 16_384;

/**
 * Reads a secret from a file that nobody but its owner may use; a line break at its end is not part of it.
 *
 * @throws Error with a sentence for the operator, which never holds what the file holds
 */
export function readSecretFile(path: string): string {
  let file: number;
  try {
    // A pipe that nobody writes to must not hold the start up. Links are followed: orchestrators mount secrets as links.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(error);
  }
  try {
    return readOpen(file);
  } finally {
    closeSync(file);
  }
}

/** What was looked at is what is read: between two looks at a path, another file may take its place. */
function readOpen(file: number): string {
  const stats = fstatSync(file);
  if (!stats.isFile() || stats.size > MAX_BYTES) {
    throw new Error(`this is no file of at most ${MAX_BYTES} bytes`);
  }
  if ((stats.mode & OTHERS_MAY_USE) !== 0) {
    throw new Error('the file can be used by group or others: chmod 600');
  }
  try {
    return withoutByteOrderMark(readFileSync(file, 'utf8')).trimEnd();
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): Error {
  return new Error(`the file cannot be read (${String((error as NodeJS.ErrnoException).code)})`, {
    cause: error,
  });
}
