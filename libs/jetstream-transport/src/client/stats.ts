import type { DropReason } from '@app/transport-core';
import type { BrokerState } from '../broker.js';

/** A snapshot of plain numbers; counters run from the creation of the client. */
export interface JetStreamClientStats {
  readonly state: BrokerState;
  /** Why the broker does not serve this client, for people; undefined unless the state is `refused`. */
  readonly refusal: string | undefined;
  /** Events that the broker has not confirmed. */
  readonly queuedEvents: number;
  readonly queuedBytes: number;
  readonly maxQueuedEvents: number;
  readonly maxQueuedBytes: number;
  /** How long the oldest of them has waited, in seconds; 0 when there is none. */
  readonly oldestQueuedSeconds: number;
  /** Events that `emit` accepted. */
  readonly accepted: number;
  /** Events that the broker has stored. */
  readonly stored: number;
  /** Messages that were published, and their bytes; each counts once, however often it was published. */
  readonly batches: number;
  readonly publishedBytes: number;
  /** Messages that were published again, and their events. */
  readonly repeated: number;
  readonly repeatedEvents: number;
  /** Messages that the broker had already. */
  readonly duplicates: number;
  /** Messages that are published and not yet confirmed. */
  readonly unconfirmed: number;
  /** Most events that may be in such messages. */
  readonly maxUnconfirmedEvents: number;
  /** Events that no broker will take. */
  readonly failed: number;
  readonly blocked: number;
  readonly reconnects: number;
  readonly drops: Readonly<Record<DropReason, number>>;
  /** Why the spool cannot store events now, in words for people; undefined while it can. */
  readonly spoolFault: string | undefined;
}

/** An accepted event on its way: the result of `deliver`. */
export interface JetStreamDelivery {
  /** Names the event for logs and answers. */
  readonly id: string;
  /** Resolves when the event is in the spool: with a spool on disk, when it is on the disk. Rejects with `SpoolFailedError`. */
  readonly spooled: Promise<void>;
  /**
   * Resolves when the broker has stored the event. Rejects with `EventFailedError` when no broker will take it, and with
   * `EventDroppedError` when it was given up. It may take as long as the broker is away.
   */
  readonly stored: Promise<void>;
}

/** What happened to the events that waited when `close()` was called. */
export interface JetStreamDrainReport {
  /** Waited when the drain began. */
  readonly queued: number;
  /** Of those, stored by the broker in time. */
  readonly delivered: number;
  /** Of those, lost with this process. */
  readonly dropped: number;
  /** Of those, kept on disk for the next process. */
  readonly kept: number;
}
