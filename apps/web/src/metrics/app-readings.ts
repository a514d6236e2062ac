import type { Exposition } from './exposition.js';

/** One app's metrics as read last, and those read before. */
export interface Reading {
  readonly at: number;
  readonly exposition: Exposition;
}

/** One app's side of the watch. */
export interface AppReadings {
  now?: Reading;
  before?: Reading;
  /** Why the last reading failed, and when. */
  fault?: { readonly message: string; readonly at: number };
  /** False from a failed reading to the next good one. */
  up?: boolean;
}

/** The start time of the process that gave the reading, in unix epoch seconds: its counters begin then, and each process has its own. */
export function startOf({ exposition }: Reading): number | undefined {
  return exposition.get('process_start_time_seconds');
}
