import { readFileSync, statSync } from 'node:fs';

const OTHERS_MAY_USE = 0o077;

/**
 * Reads a secret from a file that nobody but its owner may use; a line break at its end is not part of it.
 *
 * @throws Error with a sentence for the operator, which never holds what the file holds
 */
export function readSecretFile(path: string): string {
  let mode: number;
  let text: string;
  try {
    mode = statSync(path).mode;
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`the file cannot be read (${String((error as NodeJS.ErrnoException).code)})`, {
      cause: error,
    });
  }
  if ((mode & OTHERS_MAY_USE) !== 0) {
    throw new Error('the file can be used by group or others: chmod 600');
  }
  return text.trimEnd();
}
