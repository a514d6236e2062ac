import type { LatencyRecorder } from '../measure/latency.recorder.js';
import type { PlannedTrade } from '../plan/trade.plan.js';

/** What came of the events a sender was given. */
export interface SendReport {
  /** Taken by the other side, as far as the sender can know. */
  readonly accepted: number;
  /** How many failed, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** What the other side said of a kind of failure, in its own words; none for kinds it said nothing of. */
  readonly explanations: Readonly<Record<string, string>>;
  /** From the due time to the answer; undefined where there are no answers. */
  readonly answerLatency: LatencyRecorder | undefined;
}

/** When a trade was due. */
export interface DueTime {
  /** By the system's clock, seconds since the Unix epoch: what the event says. */
  readonly epochSeconds: number;
  /** By `performance.now()`: what a latency is counted from, whatever becomes of the system's clock. */
  readonly clockMs: number;
}

/** A way to bring events to the system. Its connections outlive a run: those of a warm-up serve the run after it. */
export interface LoadSender {
  /** Events given to it that are neither accepted nor failed yet. */
  readonly underWay: number;
  /** True when nothing was accepted, and many were refused for what will not change while the run lasts. */
  readonly isHopeless: boolean;
  /** Starts sending one event; never waits, never throws. */
  send(trade: PlannedTrade, due: DueTime): void;
  /** Waits for what is under way, reports on everything since the last report, and begins a new one. */
  settle(): Promise<SendReport>;
  close(): void;
}
