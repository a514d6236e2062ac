import type { ClientDeliveryStats, DropReason } from '@app/transport-core';

/**
 * Whether a peer is at the other end: `connecting` until the first peer, `disconnected` after the last one left, `refused`
 * while a server answers and does not let this client in.
 */
export type LinkState = 'idle' | 'connecting' | 'connected' | 'refused' | 'disconnected' | 'closed';

/** A snapshot of plain numbers; counters run from the creation of the client. */
export interface ZmqClientStats {
  readonly state: LinkState;
  /** Peers whose handshake succeeded and that are still connected. */
  readonly peers: number;
  /** Events that wait in the outbox, or left it and were not yet taken by libzmq. */
  readonly queuedEvents: number;
  readonly queuedBytes: number;
  readonly maxQueuedEvents: number;
  readonly maxQueuedBytes: number;
  /** Events that `emit` accepted. */
  readonly accepted: number;
  /** Events that libzmq took, which does not mean that they arrived. */
  readonly sent: number;
  readonly sentBytes: number;
  /** Messages that libzmq took. */
  readonly batches: number;
  /** Peers that connected after a loss. */
  readonly reconnects: number;
  /** Handshakes that failed over keys. */
  readonly denials: number;
  /** Why the server does not let this client in, for people; undefined unless the state is `refused`. */
  readonly refusal: string | undefined;
  readonly drops: Readonly<Record<DropReason, number>>;
  /** Requests whose final answer has not come. */
  readonly pendingRequests: number;
  /** The last measured round trip of `ping()`, in seconds; NaN before the first. */
  readonly roundTripSeconds: number;
  /** Acknowledged delivery; undefined for a client without. */
  readonly delivery: ClientDeliveryStats | undefined;
}

/** What happened to the events that waited when `close()` was called. */
export interface ClientDrainReport {
  /** Waited when the drain began. */
  readonly queued: number;
  /** Of those, taken by libzmq in time; with acknowledged delivery, acknowledged in time. */
  readonly delivered: number;
  /** Of those, dropped when time ran out. */
  readonly dropped: number;
  /** Of those, kept on disk for the next process (durable delivery only). */
  readonly kept: number;
}
