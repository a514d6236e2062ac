/** What the work on events costs: processor time, unless it says otherwise. */
export interface Costs {
  /** A publisher, for each event and for each message of events. */
  readonly publishEventSeconds: number;
  readonly publishMessageSeconds: number;
  /** The server that leads the stream. */
  readonly storeEventSeconds: number;
  readonly storeMessageSeconds: number;
  /** A sidecar. */
  readonly handleEventSeconds: number;
  readonly handleMessageSeconds: number;
  /** A sidecar's work for one commit of a partition's counts and position. */
  readonly commitSeconds: number;
  /** How long the broker takes to confirm it; meanwhile the sidecar works for its other partitions. */
  readonly commitWaitSeconds: number;
  /** Most messages that are handled before a commit. */
  readonly turnMessages: number;
}

const US = 1e-6;

/**
 * One server, R1, file storage, 2 cores shared by all programs, Node 20, nats-server 2.9.10. 2026-11-27.
 */
export const MEASURED_COSTS: Costs = {
  publishEventSeconds: 0.35 * US,
  publishMessageSeconds: 15 * US,
  storeEventSeconds: 0.03 * US,
  storeMessageSeconds: 60 * US,
  handleEventSeconds: 0.8 * US,
  handleMessageSeconds: 20 * US,
  commitSeconds: 300 * US,
  commitWaitSeconds: 1000 * US,
  turnMessages: 32,
};
