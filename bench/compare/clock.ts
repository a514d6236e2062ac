const OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/**
 * Milliseconds of the machine's monotonic clock, to whole microseconds like the times of the contract's events. Two processes
 * read the same clock, so that a time from one can be subtracted in the other; no wall-clock step disturbs it.
 */
export function monotonicMs(): number {
  return Math.round((OFFSET_MS + performance.now()) * 1000) / 1000;
}
