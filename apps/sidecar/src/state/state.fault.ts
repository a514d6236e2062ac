import { ConfigurationError } from '@app/service-kit';

/** Refuses the start: exit code 78, since the next start would fail the same way. `what` says what to do. */
export function stateFault(folder: string, what: string): ConfigurationError {
  return new ConfigurationError([{ key: 'SIDECAR_STATE_DIR', message: `${JSON.stringify(folder)} ${what}` }]);
}

/** The fault of a file that cannot be trusted. `reason`: what is wrong with it. */
export function damaged(folder: string, reason: string): ConfigurationError {
  return stateFault(
    folder,
    'holds a state that is damaged; move the folder away and put a backup of it there, ' +
      `or start with an empty folder, which counts from zero (state.mdb: ${reason})`,
  );
}

/** An error in one line. */
export function causeOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
