import type { MemoryFigure } from '../figures/memory.figure.js';
import type { Machine } from './machine.js';
import type { Spread } from './spread.js';

/** One thing that the transport must reach, and whether this run did. */
export interface TargetVerdict {
  readonly figure: string;
  readonly must: string;
  readonly reached: string;
  readonly pass: boolean;
}

/** One peer's one-way figures. */
export interface OneWayResult {
  readonly eventsPerSecond: Spread;
  readonly cpuSecondsPerMillion: Spread;
  /** Sent and never come, over all rounds. */
  readonly lost: number;
}

/** One peer's latency, in microseconds. */
export interface LatencyResult {
  readonly p50: Spread;
  readonly p99: Spread;
}

/** One peer's requests with so many callers; the times are round trips in microseconds. */
export interface RequestResult {
  readonly requestsPerSecond: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
}

/** Results by the peer's name. */
export type ByPeer<Result> = Readonly<Record<string, Result>>;

/** Everything a run found; written as it is to `--json FILE`. A figure that was not asked for is absent. */
export interface BenchReport {
  readonly machine: Machine;
  readonly settings: Readonly<{ rounds: number; warmUpSeconds: number; measureSeconds: number }>;
  readonly oneWay?: ByPeer<OneWayResult>;
  readonly latency?: ByPeer<LatencyResult>;
  /** By the callers, then by peer. */
  readonly requests?: Readonly<Record<string, ByPeer<RequestResult>>>;
  readonly memory?: MemoryFigure;
  /** Peers that could not be measured, and why. */
  readonly left: Readonly<Record<string, string>>;
  readonly targets: readonly TargetVerdict[];
}
