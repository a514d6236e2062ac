/** An option that is missing, unknown or out of range: its message is one line. */
export class LoadUsageError extends Error {
  readonly code = 'ERR_LOAD_USAGE';
}

/** Options as read by scripts/lib/options.mjs, by name; options that were not given are missing. */
export type GivenOptions = ReadonlyMap<string, string>;

const SECONDS_BY_UNIT: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1 };

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** A finite number over 0. */
export function positive(name: string, text: string): number {
  const value = numberOf(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new LoadUsageError(`--${name} must be a number over 0, not "${text}"`);
}

/** A number from `least` to below `limit`. */
export function inRange(name: string, text: string, least: number, limit: number): number {
  const value = numberOf(text);
  if (value >= least && value < limit) return value;
  throw new LoadUsageError(`--${name} must be a number from ${least} to below ${limit}, not "${text}"`);
}

/** A whole number between two bounds, both included. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = numberOf(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new LoadUsageError(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}

/** A whole number that fits into 32 bits. */
export function seed(name: string, text: string): number {
  return wholeNumber(name, text, 0, 2 ** 32 - 1);
}

/** One of a few words. */
export function choice<T extends string>(name: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new LoadUsageError(
    `--${name} must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}, not "${text}"`,
  );
}

/** A time with its unit, over 0, such as `50ms`. @returns seconds */
export function timeSpan(name: string, text: string): number {
  const [, amount = '', unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  const seconds = numberOf(amount) * (SECONDS_BY_UNIT[unit] ?? Number.NaN);
  if (seconds > 0) return seconds;
  throw new LoadUsageError(`--${name} must be a time over 0 such as 50ms or 1.5s, not "${text}"`);
}

/** Rates to search, `lowest..highest`. */
export interface RateRange {
  readonly lowest: number;
  readonly highest: number;
}

/** One rate, or a range of rates. */
export function rateOrRange(name: string, text: string): number | RateRange {
  if (!text.includes('..')) return positive(name, text);
  const [lowest = Number.NaN, highest = Number.NaN, ...more] = text.split('..').map(numberOf);
  if (more.length === 0 && lowest > 0 && highest > lowest && highest < Number.POSITIVE_INFINITY)
    return { lowest, highest };
  throw new LoadUsageError(`--${name} must be a range such as 1000..50000, not "${text}"`);
}

/**
 * An `http:` or `https:` address, without a slash at the end. `fetch` takes no address with a user, and its error would show
 * the password.
 */
export function webAddress(name: string, text: string): string {
  if (text.includes('@')) throw new LoadUsageError(`--${name} must be an address without user and password`);
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text.replace(/\/$/, '');
  throw new LoadUsageError(`--${name} must be an address such as http://127.0.0.1:8000, not "${text}"`);
}

/** Where a sidecar listens. */
export function zmqAddress(name: string, text: string): string {
  if (/^(tcp|ipc):\/\/./.test(text)) return text;
  throw new LoadUsageError(`--${name} must be an address such as tcp://127.0.0.1:5555, not "${text}"`);
}
