/** What one attack may cost. Generous: a hole costs many times as much, and a busy machine is slow. */
export interface Bounds {
  /** Longest wait for an answer of /health, in seconds; a machine that is busy with other things takes its share of it. */
  readonly healthSeconds: number;
  /** The most that an app may work while one question for /health waits, in seconds of processor time. */
  readonly healthWorkSeconds: number;
  /** Rise of an app's memory at its worst, and what may stay of it, in MB. */
  readonly peakMegabytes: number;
  readonly keptMegabytes: number;
  /** What both apps may log in one second, and at all beside that, in bytes. */
  readonly logBytesPerSecond: number;
  readonly logBytes: number;
}

/** The bounds of an attack that names none. */
export const BOUNDS: Bounds = {
  healthSeconds: 60,
  healthWorkSeconds: 2,
  peakMegabytes: 400,
  keptMegabytes: 160,
  logBytesPerSecond: 2_048,
  logBytes: 32_768,
};
