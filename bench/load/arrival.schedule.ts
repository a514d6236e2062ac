/**
 * When events are due, fixed before the run and independent of any answer: that is what makes the load open-loop.
 * Another arrival process is another implementation of this.
 */
export interface ArrivalSchedule {
  /** How many events the run has. */
  readonly count: number;
  /** When event `index` (from 0) is due, in seconds from the run's start; never decreases with `index`. */
  dueSeconds(index: number): number;
}

/** Evenly spaced arrivals. */
export function constantSchedule(ratePerSecond: number, durationSeconds: number): ArrivalSchedule {
  return {
    count: Math.round(ratePerSecond * durationSeconds),
    dueSeconds: (index) => index / ratePerSecond,
  };
}
