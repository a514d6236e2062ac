import { LoadUsageError } from '../bench/load/options/option-values.js';

/** Options as scripts/lib/options.mjs has read them: their value, or true for those that have none. */
export type GivenOptions = Readonly<Record<string, string | true>>;

/** The value of an option; undefined when it was not given. */
export function textOf(given: GivenOptions, name: string): string | undefined {
  const value = given[name];
  return value === true ? undefined : value;
}

/** A wrong command line, in one line. */
export class UsageError extends Error {
  readonly code = 'ERR_FAULTS_USAGE';
}

/** The line that explains a wrong command line, whichever parser found it; undefined for every other error. */
export function usageFault(error: unknown): string | undefined {
  return error instanceof UsageError || error instanceof LoadUsageError ? error.message : undefined;
}
