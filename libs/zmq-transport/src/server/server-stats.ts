import type { ServerDeliveryStats, RejectedMessageReason } from '@app/transport-core';

/** `listening` while the receive loop runs; `failed` when its socket broke. */
export type ServerState = 'idle' | 'listening' | 'draining' | 'closed' | 'failed';

/** A snapshot of plain numbers; counters run from the creation of the server. */
export interface ZmqServerStats {
  readonly state: ServerState;
  /** Peers whose handshake succeeded and that are still connected. */
  readonly peers: number;
  /** Peers that were lost. */
  readonly disconnects: number;
  /** Handshakes that failed over keys: a key that is not allowed, keys that do not fit, or CURVE on one side only. */
  readonly deniedPeers: number;
  /** Events taken from readable messages. */
  readonly received: number;
  /** Messages, readable or not. */
  readonly batches: number;
  readonly receivedBytes: number;
  /** Events whose handlers run now, and requests whose last answer has not been given yet. */
  readonly inFlight: number;
  /** Calls of event handlers that did not end within `handlerTimeoutMs`. */
  readonly lateHandlers: number;
  /** Of those calls, the ones that still run. */
  readonly hungHandlers: number;
  /** Requests whose handlers or answer streams run. */
  readonly runningRequests: number;
  /** Requests that ended in an error, which was sent to their callers. */
  readonly failedRequests: number;
  /** Answers dropped because they found no room (their callers got an error) or because their peer was gone. */
  readonly droppedReplies: number;
  /** PUB/SUB: events of subscribed topics that never came (this subscriber was too slow, or the link was down). */
  readonly missed: number;
  /** Acknowledged delivery; DEALER/ROUTER only. */
  readonly delivery: ServerDeliveryStats;
  readonly rejected: Readonly<Record<RejectedMessageReason, number>>;
}

/** What happened to the messages that were still under way when `drain()` was called. */
export interface ServerDrainReport {
  /** Events received during the drain. */
  readonly received: number;
  /** Handlers that still ran at the deadline. */
  readonly inFlight: number;
  /** Whether the socket was empty; false when senders kept it busy to the deadline. */
  readonly empty: boolean;
}

/** What `server.on` can listen to. */
export interface ZmqServerEvents extends Record<string, (...args: never[]) => void> {
  /** The server changed its state. */
  state: (state: ServerState) => void;
}
