import type { LatencyRecorder } from '../measure/latency-recorder.js';
import type { PlannedTrade } from '../plan/trade-plan.js';

/** The outcome of the events that a sender was given. */
export interface SendReport {
  /** Events that the other side took, as far as the sender knows. */
  readonly accepted: number;
  /** How many failed, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** The other side's own words for a kind of failure, if it gave any. */
  readonly explanations: Readonly<Record<string, string>>;
  /** From the due time to the answer; undefined where there are no answers. */
  readonly answerLatency: LatencyRecorder | undefined;
}

/** When a trade was due. */
export interface DueTime {
  /** By the system's clock, seconds since the Unix epoch: what the event says. */
  readonly epochSeconds: number;
  /** By `performance.now()`: latencies count from it, whatever happens to the system's clock. */
  readonly clockMs: number;
}

/** A way to send events to the system. Its connections outlive a run: the run after a warm-up uses them too. */
export interface LoadSender {
  /** Events given to it that are neither accepted nor failed yet. */
  readonly underWay: number;
  /** True when nothing was accepted, and many were refused for a reason that will not change during the run. */
  readonly isHopeless: boolean;
  /** Starts sending one event; never waits, never throws. */
  send(trade: PlannedTrade, due: DueTime): void;
  /** Waits for what is under way, reports on everything since the last report, and begins a new one. */
  settle(): Promise<SendReport>;
  close(): void;
}
