/** One run of one peer: how fast, and what it took. */
export interface CostSample {
  readonly perSecond: number;
  /** CPU time of the measured process, user and system, all threads; in microseconds for each event (or post). */
  readonly cpuMicros: number;
}
