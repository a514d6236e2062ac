/** One run of one peer: how fast it was, and what it cost. */
export interface CostSample {
  readonly perSecond: number;
  /** CPU time of the measured process, user and system, all threads; in microseconds for each event (or post). */
  readonly cpuMicros: number;
}
