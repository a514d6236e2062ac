import { HandlerTimeoutError } from './handler-watch.js';
import { timerMs, wholeNumber } from '../whole-number.js';

/** How often, and when, a failed handler of an acknowledged event is called again. */
export interface RetryOptions {
  /** Calls after the first; 0 calls once. @default 3 */
  maxRetries?: number;
  /** Wait before the second call, in milliseconds; doubles with each further one. @default 50 */
  backoffMs?: number;
  /** Longest wait between two calls, in milliseconds. @default 1000 */
  maxBackoffMs?: number;
  /**
   * Whether a failure may be over by the next call. What a validation refused will be refused again.
   * @default all but `RefusedEvent`, and what a handler answered with an `RpcException`
   */
  isRetryable?: (error: unknown) => boolean;
}

/** The waits of a failing handler. */
export class RetryPolicy {
  private readonly maxRetries: number;
  private readonly backoffMs: number;
  private readonly maxBackoffMs: number;
  private readonly isRetryable: (error: unknown) => boolean;

  /** @throws InvalidOptionsError */
  constructor(options: RetryOptions = {}) {
    this.maxRetries = wholeNumber('retry.maxRetries', options.maxRetries ?? 3);
    this.backoffMs = timerMs('retry.backoffMs', options.backoffMs ?? 50);
    this.maxBackoffMs = timerMs('retry.maxBackoffMs', options.maxBackoffMs ?? 1000);
    this.isRetryable = options.isRetryable ?? mayBeOver;
  }

  /** @param retries calls after the first so far. @returns the wait in milliseconds; undefined to give up. */
  waitMs(error: unknown, retries: number): number | undefined {
    // What did not end in its time still runs: a second call would run beside it.
    const isOver = !(error instanceof HandlerTimeoutError);
    return isOver && retries < this.maxRetries && this.isRetryable(error)
      ? Math.min(this.backoffMs * 2 ** retries, this.maxBackoffMs)
      : undefined;
  }
}

/** Nest's words for an error that no filter knew; what else comes as a plain object is an answer somebody meant. */
const UNKNOWN_EXCEPTION = 'Internal server error';

function mayBeOver(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) {
    return true;
  }
  if ('isRefusedEvent' in error) {
    return false;
  }
  return error instanceof Error || ('message' in error && error.message === UNKNOWN_EXCEPTION);
}
