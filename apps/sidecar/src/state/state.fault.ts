import { ConfigurationError } from '@app/service-kit';

/** Refuses the start: exit code 78, since the next start would fail the same way. `what` says what to do. */
export function stateFault(folder: string, what: string): ConfigurationError {
  return new ConfigurationError([{ key: 'SIDECAR_STATE_DIR', message: `${JSON.stringify(folder)} ${what}` }]);
}

/** The words for a file that cannot be trusted. */
export const DAMAGED =
  'holds a state that is damaged; move the folder away and put a backup of it there, ' +
  'or start with an empty folder, which counts from zero';

/** An error in one line. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
