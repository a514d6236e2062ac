import type { DeliveryLedger } from './dispatch/delivery-ledger.js';

/**
 * When the observable of `emit` completes.
 * - `accepted`: the event is in the outbox
 * - `sent`: its message was handed to the socket
 * - `stored`: it is on disk (`durable` only)
 * - `applied`: the server has acknowledged that its handler ended (`acknowledged` and `durable`). It fails with
 *   `EventFailedError` when the handler failed for good.
 */
export type EmitStage = 'accepted' | 'sent' | 'stored' | 'applied';

/** What happens to the next event when the spool is full. */
export type OverflowPolicy = 'block' | 'reject' | 'drop-oldest';

/** Acknowledged delivery of a client's events; DEALER/ROUTER only, to one server. */
export interface ClientDeliveryOptions {
  /**
   * - `acknowledged`: keeps events in memory until they are acknowledged; they outlive the server, not this process
   * - `durable`: keeps them on disk; they outlive both
   */
  mode: 'acknowledged' | 'durable';
  /** `durable`: the spool's folder. One process at a time can have it. */
  directory?: string;
  /**
   * This producer's name for the server; at most 128 characters.
   * @default the spool's epoch, which a spool on disk keeps too
   */
  producerId?: string;
  /**
   * Most bytes of events that are not acknowledged. `durable` does not bound their number, `acknowledged` keeps to the outbox's.
   * @default the outbox's bounds, for `durable` 1 GiB
   */
  maxSpoolBytes?: number;
  /**
   * What happens to an event when there is no room: `block` makes its `emit` wait, `reject` fails it with `OutboxFullError`,
   * `drop-oldest` drops the oldest one that was never sent.
   * @default 'reject'
   */
  overflow?: OverflowPolicy;
  /**
   * How long events may be on their way unacknowledged before the client asks the server again, in milliseconds.
   * @default 10000
   */
  ackTimeoutMs?: number;
}

/** Acknowledged delivery on a server; DEALER/ROUTER only. Clients choose whether their events are acknowledged. */
export interface ServerDeliveryOptions {
  /** Most events of one producer that are received and not acknowledged. @default 8192 */
  windowEvents?: number;
  /** The same in bytes. @default 16777216 (16 MiB) */
  windowBytes?: number;
  /** Most producers whose positions are kept; beyond it, the one that has been away longest is forgotten. @default 1024 */
  maxProducers?: number;
  /** Where positions survive a restart. @default in memory only: a new process knows none */
  ledger?: DeliveryLedger;
  /** How failing handlers of acknowledged events are tried again. */
  retry?: RetryOptions;
}

/** Plain numbers; counters run from the creation of the client. */
export interface ClientDeliveryStats {
  /** Events that are not acknowledged, sent or not. */
  readonly unacknowledgedEvents: number;
  readonly unacknowledgedBytes: number;
  /** How long the oldest of them has waited, in seconds; 0 when there is none. */
  readonly oldestUnacknowledgedSeconds: number;
  /** Events that may be on their way at once; 0 while no server is there. */
  readonly credit: number;
  /** Events whose `emit` had to wait for room (`overflow: 'block'`). */
  readonly blocked: number;
  readonly acknowledged: number;
  /** Events sent again after a lost connection or acknowledgement. */
  readonly resent: number;
  /** Events whose handlers failed for good, as the server said. */
  readonly failed: number;
  /** Why the spool cannot store events now, in words for people; undefined while it can. */
  readonly fault?: string | undefined;
}

/** Plain numbers; counters run from the creation of the server. */
export interface ServerDeliveryStats {
  /** Producers that are connected. */
  readonly producers: number;
  /** Events received and not yet handled. */
  readonly queuedEvents: number;
  /** Events handled, with or without success. Events of an unreadable batch are rejected and not counted here. */
  readonly handled: number;
  /** Events that arrived again and were ignored. */
  readonly duplicates: number;
  /** Events that arrived for a session that had ended; their producer sends them again. */
  readonly stale: number;
  /** Sessions that the server ended early, with RESYNC. */
  readonly resyncs: number;
  /** Calls of handlers after a failure. */
  readonly retries: number;
  /** Times the ledger could not keep a position. */
  readonly commitFailures: number;
  /**
   * Events that had been acknowledged and that the ledger does not know: an older copy of the ledger was put back. One batch
   * adds at most a billion.
   */
  readonly forgotten: number;
  /** Failures that are kept to be named, or named again, in an ACK. */
  readonly keptFailures: number;
  /**
   * Failures that no ACK will name, because there were more than may be kept. Their producers count those events as handled.
   */
  readonly unnamedFailures: number;
}

/** What a client may hold while its peers are slow or away. When either bound is reached, the next event finds no room. */
export interface OutboxOptions {
  /** @default 65536 events */
  maxEvents?: number;
  /** @default 67108864 bytes (64 MiB) of encoded events */
  maxBytes?: number;
}

/** A batch that was sent, for `onBatchSent`. Times are seconds since the Unix epoch. */
export interface BatchSent {
  /** Events in it. */
  readonly events: number;
  /** When `emit` or `send` accepted them, oldest first: how many, and when. */
  readonly accepted: readonly { readonly atSeconds: number; readonly events: number }[];
  /** When it was handed to the socket; for acknowledged events, when the socket had taken it. */
  readonly sentAtSeconds: number;
}

/** The client options that bound its outbox and its messages. */
export interface OutboundOptions {
  /** What may wait to be sent. */
  outbox?: OutboxOptions;
  /**
   * Most events in one message. Events share a message only when they have to wait anyway. 1 sends each alone.
   * @default 256
   */
  maxBatchEvents?: number;
  /**
   * Largest frame that is sent, in bytes; `emit` fails for a larger event, and a batch stays below it.
   * Not more than the server's `maxFrameBytes`.
   * @default 1048576 (1 MiB)
   */
  maxFrameBytes?: number;
}

/** How often, and when, a failed handler of an acknowledged event is called again. */
export interface RetryOptions {
  /** Calls after the first; 0 calls once. @default 3 */
  maxRetries?: number;
  /** Wait before the second call, in milliseconds; doubles with each further one. @default 50 */
  backoffMs?: number;
  /** Longest wait between two calls, in milliseconds. @default 1000 */
  maxBackoffMs?: number;
  /**
   * Whether the next call may succeed. An event that a validation rejected will be rejected again.
   * @default all but `RefusedEvent` and an `RpcException` from a handler
   */
  isRetryable?: (error: unknown) => boolean;
}
