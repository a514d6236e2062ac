/** The first values of an endless sequence. */
export function take<T>(values: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const value of values) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}

/** @returns NaN for no values */
export function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** Of the values as a whole population. */
export function variance(values: readonly number[]): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}

/** Distances between consecutive times, the first from 0. */
export function gapsOf(times: readonly number[]): number[] {
  return times.map((time, index) => time - (times[index - 1] ?? 0));
}

/** How many times lie in each whole window from 0 on. */
export function countsInWindows(times: readonly number[], windowSeconds: number): number[] {
  const counts = Array.from({ length: Math.floor((times.at(-1) ?? 0) / windowSeconds) }, () => 0);
  for (const time of times) {
    const window = Math.floor(time / windowSeconds);
    if (window < counts.length) counts[window] = (counts[window] ?? 0) + 1;
  }
  return counts;
}
