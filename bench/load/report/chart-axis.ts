/** A position on an axis, and its label. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** A logarithmic axis: where a value lies, from 0 to 1. */
export function logPosition(value: number, from: number, to: number): number {
  return Math.log(value / from) / Math.log(to / from);
}

function secondsLabel(seconds: number): string {
  if (seconds >= 1) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds >= 1e-3) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  return `${Number((seconds * 1e6).toPrecision(3))} µs`;
}

/** Powers of ten that take in all these latencies, over at least one decade. */
export function latencyTicks(seconds: readonly number[]): Tick[] {
  const first = Math.floor(Math.log10(Math.min(...seconds)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...seconds))));
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const value = 10 ** (first + index);
    return { value, label: secondsLabel(value) };
  });
}

/** 0 %, 90 %, 99 % and so on, by 1 / (1 − quantile), until `most`. */
export function quantileTicks(most: number): Tick[] {
  const nines = Math.max(1, Math.ceil(Math.log10(most)));
  return Array.from({ length: nines + 1 }, (_, index) => ({
    value: 10 ** index,
    label: index < 2 ? (['0 %', '90 %'][index] ?? '') : `99${index > 2 ? `.${'9'.repeat(index - 2)}` : ''} %`,
  }));
}
