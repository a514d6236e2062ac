import type { DeliveryLedger } from './dispatch/delivery-ledger.js';

/**
 * When the observable of `emit` completes.
 * - `accepted`: the event is in the outbox
 * - `sent`: its message was handed to the socket
 * - `stored`: it is on disk (`durable` only)
 * - `applied`: its handler has ended, as the server acknowledged (`acknowledged` and `durable`). It fails with
 *   `EventFailedError` when the handler failed for good.
 */
export type EmitStage = 'accepted' | 'sent' | 'stored' | 'applied';

/** What becomes of the next event when the spool is full. */
export type OverflowPolicy = 'block' | 'reject' | 'drop-oldest';

/** Acknowledged delivery of a client's events; DEALER/ROUTER only, to one server. */
export interface ClientDeliveryOptions {
  /**
   * - `acknowledged`: events are kept in memory until they are acknowledged; they outlive the server, not this process
   * - `durable`: they are kept on disk; they outlive both
   */
  mode: 'acknowledged' | 'durable';
  /** `durable`: the spool's folder. One process at a time can have it. */
  directory?: string;
  /** Names this producer for the server; at most 128 characters. @default the spool's epoch, which a spool on disk keeps too */
  producerId?: string;
  /**
   * Most bytes of events that are not acknowledged. `durable` does not bound their number, `acknowledged` keeps to the outbox's.
   * @default the outbox's bounds, for `durable` 1 GiB
   */
  maxSpoolBytes?: number;
  /**
   * What becomes of an event when there is no room: `block` makes its `emit` wait, `reject` fails it with
   * `OutboxFullError`, `drop-oldest` gives up the oldest one that was never sent.
   * @default 'reject'
   */
  overflow?: OverflowPolicy;
  /** How long events may be on their way without an acknowledgement before the server is asked again, in milliseconds. @default 10000 */
  ackTimeoutMs?: number;
}

/** Acknowledged delivery on a server; DEALER/ROUTER only. Clients choose whether their events are acknowledged. */
export interface ServerDeliveryOptions {
  /** Most events of one producer that are received and not acknowledged. @default 8192 */
  windowEvents?: number;
  /** The same in bytes. @default 16777216 (16 MiB) */
  windowBytes?: number;
  /** Most producers whose positions are kept; the one that has been away longest is forgotten. @default 1024 */
  maxProducers?: number;
  /** Where positions are kept over a restart. @default in memory only: a new process knows none */
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
  /** Why the spool can store nothing for the time being, in words for people; undefined while it can. */
  readonly fault?: string | undefined;
}

/** Plain numbers; counters run from the creation of the server. */
export interface ServerDeliveryStats {
  /** Producers that are connected. */
  readonly producers: number;
  /** Events received and not yet handled. */
  readonly queuedEvents: number;
  /** Events handled, with or without success. Those of a batch that cannot be read are rejected, and not counted here. */
  readonly handled: number;
  /** Events that came again and were dropped. */
  readonly duplicates: number;
  /** Events of a session that had ended; their producer sends them again. */
  readonly stale: number;
  /** Times a session could not go on. */
  readonly resyncs: number;
  /** Calls of handlers after a failure. */
  readonly retries: number;
  /** Times the ledger could not keep a position. */
  readonly commitFailures: number;
  /**
   * Events that had been acknowledged and that the ledger does not know: it is older than what it promised. One batch
   * adds at most a thousand million.
   */
  readonly forgotten: number;
  /** Failures that are kept now, to be named in an ACK or to be named again. */
  readonly keptFailures: number;
  /** Failures that no ACK will name: there were more than may be kept. Their producers take the events for handled. */
  readonly unnamedFailures: number;
}

/** What a client may hold while its peers are slow or away. The first bound that is reached refuses the next event. */
export interface OutboxOptions {
  /** @default 65536 events */
  maxEvents?: number;
  /** @default 67108864 bytes (64 MiB) of encoded events */
  maxBytes?: number;
}

/** A batch that left, told to `onBatchSent`. Times are seconds since the Unix epoch. */
export interface BatchSent {
  /** Events in it. */
  readonly events: number;
  /** When they were accepted by `emit` or `send`, oldest first: how many, and when. */
  readonly accepted: readonly { readonly atSeconds: number; readonly events: number }[];
  /** When it was handed to the socket; of acknowledged events, when the socket had taken it. */
  readonly sentAtSeconds: number;
}

/** The options of a client that bound its outbox and its messages. */
export interface OutboundOptions {
  outbox?: OutboxOptions;
  /**
   * Most events that one message carries. Events share a message only when they wait anyway. 1 sends each alone.
   * @default 256
   */
  maxBatchEvents?: number;
  /**
   * Largest frame that is sent, in bytes; an event over it is refused, a batch is cut before it.
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
   * Whether a failure may be over by the next call. What a validation refused will be refused again.
   * @default all but `RefusedEvent`, and what a handler answered with an `RpcException`
   */
  isRetryable?: (error: unknown) => boolean;
}
