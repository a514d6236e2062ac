import { askJson, ProblemError } from '../net/problem-error.js';

/** The sidecar's figures about the latencies of a window; exact to three digits. */
export interface LatencySummary {
  readonly count: number;
  /** False when the sidecar no longer holds all trades of the time asked for. */
  readonly complete?: boolean;
  /** Cumulative counts up to each bound, without the last bucket: that is `count`. */
  readonly histogram: readonly { readonly le: number; readonly count: number }[];
  /** Seconds by quantile: `0.5`, `0.9`, `0.99`, `0.999`. */
  readonly quantiles: Readonly<Record<string, number | null>>;
}

/** The sidecar's figures about the times between events of a window. */
export interface InterarrivalSummary extends LatencySummary {
  /** (σ−μ)/(σ+μ), independent of the sample size: −1 regular, 0 random, 1 bursts; null below a minimum count. */
  readonly burstiness?: number | null;
}

async function askOptional<T>(url: string): Promise<T | undefined> {
  try {
    return await askJson<T>(url);
  } catch (error) {
    // 404: a sidecar without analytics. 502 and the like: the header says that it is away.
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

/** Undefined from a sidecar that does not tell, or cannot be reached. */
export function fetchLatency(seconds: number): Promise<LatencySummary | undefined> {
  return askOptional(`sidecar/analytics/latency?last=${seconds}s`);
}

/** Undefined from a sidecar that does not tell, or cannot be reached. */
export function fetchInterarrival(seconds: number): Promise<InterarrivalSummary | undefined> {
  return askOptional(`sidecar/analytics/interarrival?last=${seconds}s`);
}
