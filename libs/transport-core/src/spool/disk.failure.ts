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
