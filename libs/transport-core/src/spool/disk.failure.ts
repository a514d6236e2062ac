import type { SpoolFailedError } from '../errors.js';

/** What went wrong, in words. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Whether lmdb refuses its file, and not the system a write. */
export function isStructural(failure: unknown): boolean {
  return (
    failure instanceof Error &&
    failure.message.startsWith('MDB_') &&
    !failure.message.startsWith('MDB_MAP_FULL')
  );
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
