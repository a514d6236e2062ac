import type { LatencyTable } from '../measure/latency-distribution.js';

/** A latency for people; a dash where nothing was measured. */
export function milliseconds(seconds: number): string {
  return Number.isNaN(seconds) ? '-' : `${(seconds * 1000).toFixed(2)} ms`;
}

/** A titled table, one row a percentile. */
export function latencyRows(title: string, table: LatencyTable): string[] {
  const rows = [...table].map(
    ([percent, seconds]) =>
      `  ${(percent === 100 ? 'max' : `p${percent}`).padEnd(8)}${milliseconds(seconds).padStart(14)}`,
  );
  return ['', title, ...rows];
}

/** Failures by kind. */
export function errorText(errors: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(errors).map(([kind, count]) => `${kind}: ${count}`);
  return kinds.length === 0 ? 'none' : kinds.join(', ');
}
