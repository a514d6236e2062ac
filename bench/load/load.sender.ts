import type { LatencyRecorder } from './latency.recorder.js';

/** What came of the events a sender was given. */
export interface SendReport {
  /** Taken by the other side, as far as the sender can know. */
  readonly accepted: number;
  /** How many failed, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** From the due time to the answer; undefined where there are no answers. */
  readonly answerLatency: LatencyRecorder | undefined;
}

/** A way to bring events to the system. */
export interface LoadSender {
  /** Starts sending one event; never waits, never throws. */
  send(index: number, dueEpochSeconds: number): void;
  /** Waits for what is under way, and closes. */
  finish(): Promise<SendReport>;
}
