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
