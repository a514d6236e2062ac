import type { ClientDeliveryStats, DropReason } from '@app/transport-core';

/**
 * Whether anybody is at the other end: `connecting` until the first peer, `disconnected` after the last one left,
 * `refused` while a server answers and denies this client.
 */
export type LinkState = 'idle' | 'connecting' | 'connected' | 'refused' | 'disconnected' | 'closed';

/** A snapshot of plain numbers; counters run from the creation of the client. */
export interface ZmqClientStats {
  readonly state: LinkState;
  /** Peers whose handshake succeeded and who are still there. */
  readonly peers: number;
  /** Events in the outbox, or taken from it and not yet taken by libzmq. */
  readonly queuedEvents: number;
  readonly queuedBytes: number;
  readonly maxQueuedEvents: number;
  readonly maxQueuedBytes: number;
  /** Events that `emit` took. */
  readonly accepted: number;
  /** Events that libzmq took. It does not mean that they arrived. */
  readonly sent: number;
  readonly sentBytes: number;
  /** Messages that libzmq took. */
  readonly batches: number;
  /** Peers that came after one had been lost. */
  readonly reconnects: number;
  /** Handshakes that failed over keys. */
  readonly refusals: number;
  /** Why the server denies this client, for people; undefined while it is not `refused`. */
  readonly refusal: string | undefined;
  readonly drops: Readonly<Record<DropReason, number>>;
  /** Requests whose final answer has not come. */
  readonly pendingRequests: number;
  /** The last measured round trip of `ping()`, in seconds; NaN before the first. */
  readonly roundTripSeconds: number;
  /** Acknowledged delivery; undefined for a client without. */
  readonly delivery: ClientDeliveryStats | undefined;
}

/** What became of the events that waited when `close()` was called. */
export interface ClientDrainReport {
  /** Waited when the drain began. */
  readonly queued: number;
  /** Of those, taken by libzmq in time; with acknowledged delivery, acknowledged in time. */
  readonly delivered: number;
  /** Of those, thrown away when time ran out. */
  readonly dropped: number;
  /** Of those, on disk for the next process (durable delivery only). */
  readonly kept: number;
}
