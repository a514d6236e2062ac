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
  /** What it costs to read an event again for the windows, of what handling it costs. */
  readonly refillShare: number;
  /** A sidecar's work for one commit of a partition's counts and position. */
  readonly commitSeconds: number;
  /** How long the broker takes to confirm it; meanwhile the sidecar works for its other partitions. */
  readonly commitWaitSeconds: number;
  /** What a new process loses until its code is compiled: so much later it has done the same work as an old one. */
  readonly warmUpSeconds: number;
  /** Most messages that are handled before a commit. */
  readonly turnMessages: number;
}

const US = 1e-6;

/** How many servers store each event. */
export type Replicas = 1 | 3;

/**
 * Measured on 2026-11-27: Node 20, nats-server 2.9.10 with file storage, all on two cores that had other work too. Processor time of
 * `JetStreamClient`, of nats-server (with three replicas that of the leader), and of a sidecar that drains a backlog
 * (`npm run simulate -- --against-real`), each from messages of 16 and of 256 trades.
 */
export function measuredCosts(replicas: Replicas): Costs {
  return {
    publishEventSeconds: 1.1 * US,
    publishMessageSeconds: 52 * US,
    storeEventSeconds: (replicas === 1 ? 0.31 : 1.03) * US,
    storeMessageSeconds: (replicas === 1 ? 11 : 21) * US,
    handleEventSeconds: 1.15 * US,
    handleMessageSeconds: 8 * US,
    refillShare: 0.5,
    commitSeconds: 100 * US,
    commitWaitSeconds: (replicas === 1 ? 300 : 1000) * US,
    warmUpSeconds: 0.4,
    // Half a MiB of messages of 256 trades.
    turnMessages: 30,
  };
}
