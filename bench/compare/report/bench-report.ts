import type { MemoryFigure } from '../figures/memory-figure.js';
import type { Machine } from './machine.js';
import type { Spread } from './spread.js';

/** One row of the first table. If it compares several things, each cell has them in the order of the figure. */
export interface ProductRow {
  readonly figure: string;
  /** The limits of the ratios. */
  readonly must: string;
  readonly reached: string;
  /** `reached`, `missed`, `not measured`, or one of them for each ratio. */
  readonly verdict: string;
  /** Events a second: ours, and those of the peers beside it. */
  readonly rate: string;
  /** Microseconds of processor time for each event, post or request; empty when it means nothing. */
  readonly cpuMicros: string;
}

/** One target of the transport, and whether this run reached it. */
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
  /** Events that were sent and never arrived, over all rounds. */
  readonly lost: number;
}

/** One peer's latency, in microseconds. */
export interface LatencyResult {
  readonly p50: Spread;
  readonly p99: Spread;
}

/** One peer's requests with one number of callers; the times are round trips in microseconds. */
export interface RequestResult {
  readonly requestsPerSecond: Spread;
  /** CPU time of both processes for each request; kept runs from before this was measured lack it. */
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

/** The results of a run. A figure that was not requested is absent. */
export interface Measured extends ReportPart {
  /** By figure, since kept results are merged from several runs; older kept runs lack it. */
  readonly parts?: Readonly<Record<string, ReportPart>>;
  /** By the feed, then by peer. */
  readonly intake?: Readonly<Record<string, ByPeer<CostResult>>>;
  readonly posts?: ByPeer<CostResult>;
  readonly emit?: ByPeer<CostResult>;
  /** From `emit` into the metrics of the built sidecar; the processor time is that of all processes. */
  readonly applied?: ByPeer<CostResult>;
  readonly oneWay?: ByPeer<OneWayResult>;
  readonly latency?: ByPeer<LatencyResult>;
  /** By the callers, then by peer. */
  readonly requests?: Readonly<Record<string, ByPeer<RequestResult>>>;
  readonly memory?: MemoryFigure;
  /** Peers that could not be measured, and why: `figure: reason` once it was tried. */
  readonly left: Readonly<Record<string, string>>;
}

/** The results and their targets; written as they are to `--json FILE`. */
export interface BenchReport extends Measured {
  /** The first table: the product and its transport, at most ten rows. */
  readonly product: readonly ProductRow[];
  /** The transport's targets in comparison with Nest's. */
  readonly targets: readonly TargetVerdict[];
}
