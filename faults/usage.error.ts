import { LoadUsageError } from '../bench/load/options/option.values.js';

/** A wrong command line, in one line. */
export class UsageError extends Error {
  readonly code = 'ERR_LAB_USAGE';
}

/** The line that explains a wrong command line, whoever found it; undefined for every other error. */
export function usageFault(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof LoadUsageError) return error.message;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS') ? (error as Error).message : undefined;
}
