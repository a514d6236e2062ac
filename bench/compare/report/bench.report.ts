import type { MemoryFigure } from '../figures/memory.figure.js';
import type { Machine } from './machine.js';
import type { Spread } from './spread.js';

/** One row of the first table. Where it compares several things, each cell names them in the order of the figure. */
export interface ProductRow {
  readonly figure: string;
  /** The limits of the ratios. */
  readonly must: string;
  readonly reached: string;
  /** `reached`, `missed`, `not measured`, or one of them for each ratio. */
  readonly verdict: string;
  /** A second, ours and those beside it. */
  readonly rate: string;
  /** Microseconds of processor time for each event, post or request; empty where it says nothing. */
  readonly cpuMicros: string;
}

/** One thing that the transport must reach, and whether this run did. */
export interface TargetVerdict {
  readonly figure: string;
  readonly must: string;
  readonly reached: string;
  readonly pass: boolean;
}

/** One peer's rate, and the processor time that each event (or post) took of the measured process. */
export interface CostResult {
  readonly perSecond: Spread;
  readonly cpuMicros: Spread;
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
  /** CPU time of both processes for each request; runs that were kept before it was measured have none. */
  readonly cpuMicros?: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
}

/** Results by the peer's name. */
export type ByPeer<Result> = Readonly<Record<string, Result>>;

/** Where and how long figures were measured. */
export interface ReportPart {
  readonly machine: Machine;
  readonly settings: Readonly<{ rounds: number; warmUpSeconds: number; measureSeconds: number }>;
}

/** What a run found. A figure that was not asked for is absent. */
export interface Measured extends ReportPart {
  /** By figure, since runs are put together of parts; runs that were kept before that have none. */
  readonly parts?: Readonly<Record<string, ReportPart>>;
  /** By the feed, then by peer. */
  readonly intake?: Readonly<Record<string, ByPeer<CostResult>>>;
  readonly posts?: ByPeer<CostResult>;
  readonly emit?: ByPeer<CostResult>;
  readonly oneWay?: ByPeer<OneWayResult>;
  readonly latency?: ByPeer<LatencyResult>;
  /** By the callers, then by peer. */
  readonly requests?: Readonly<Record<string, ByPeer<RequestResult>>>;
  readonly memory?: MemoryFigure;
  /** Peers that could not be measured, and why: `figure: reason` once it was tried. */
  readonly left: Readonly<Record<string, string>>;
}

/** The same with what must be reached beside it; written as it is to `--json FILE`. */
export interface BenchReport extends Measured {
  /** The first table: the product and its transport, at most ten rows. */
  readonly product: readonly ProductRow[];
  /** What the transport must reach beside Nest's. */
  readonly targets: readonly TargetVerdict[];
}
