/** What one attack may cost. Generous: a hole costs many times as much, and a busy machine is slow. */
export interface Bounds {
  /** Longest wait for an answer of /health, in seconds; other work on the machine adds to it. */
  readonly healthSeconds: number;
  /** Most processor time, in seconds, that an app may use while one request for /health waits. */
  readonly healthWorkSeconds: number;
  /** Largest rise of an app's memory, and how much of it may stay, in MB. */
  readonly peakMegabytes: number;
  readonly keptMegabytes: number;
  /** Bytes that both apps may log in one second, and in all besides that. */
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
