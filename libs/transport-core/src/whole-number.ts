import { InvalidOptionsError } from './errors.js';

/** @throws InvalidOptionsError unless `value` is a safe integer from `min` to `max`. */
export function wholeNumber(
  name: string,
  value: number,
  min = 0,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    const most = max === Number.MAX_SAFE_INTEGER ? '' : ` and ≤ ${max}`;
    throw new InvalidOptionsError(`\`${name}\` must be a whole number ≥ ${min}${most}, not ${String(value)}`);
  }
  return value;
}

/** The longest time that Node's timers and libzmq's options can hold; they turn a longer one into 1 ms or another value. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws InvalidOptionsError unless `value` is a whole number of milliseconds from `min` that a timer can wait (about 24.8 days). */
export function timerMs(name: string, value: number, min = 0): number {
  return wholeNumber(name, value, min, MAX_TIMER_MS);
}
