/** Events that were numbered and leave in one message; what it holds never changes again. */
export interface SpooledBatch {
  /** Sequence number of its first event. The first event of an epoch has 1. */
  readonly first: number;
  /** How many events it carries, with consecutive numbers; at least 1. */
  readonly count: number;
  /** The payload as the codec joined it: what goes over the wire. */
  readonly payload: Uint8Array | string;
  /** Size that it counts for, in bytes. */
  readonly bytes: number;
  /** When its first event was accepted: seconds since the Unix epoch. */
  readonly acceptedAtSeconds: number;
}

/** A batch before it has its numbers. */
export type UnnumberedBatch = Omit<SpooledBatch, 'first'>;

/** What an append gave. */
export interface Appended {
  readonly batch: SpooledBatch;
  /**
   * Resolves when the batch is safe from the death of this process; undefined where it never is (memory). Rejects with
   * SpoolFailedError when it could not be stored: the spool has let it go, and its numbers are not used again.
   */
  readonly stored: Promise<void> | undefined;
}

/** Plain numbers about a spool. */
export interface SpoolStats {
  /** Events that are not acknowledged. */
  readonly events: number;
  readonly bytes: number;
  /** When the oldest of them was accepted, seconds since the Unix epoch; NaN when there is none. */
  readonly oldestAcceptedAtSeconds: number;
  /** Why nothing can be stored for the time being, in words for people; undefined while it can. */
  readonly fault?: string | undefined;
}

/**
 * Keeps every batch until it is acknowledged, oldest first. All but `open` and `close` answer at once: they run on the
 * hot path. One producer has one spool; its numbers grow by one an event and are never used again. Some may be left
 * out: those of batches that were dropped or could not be stored, and those that a process that died had reserved.
 */
export interface Spool {
  /** Names the sequence of numbers. Another epoch begins again at 1. */
  readonly epoch: string;
  /** The number that the next event will get. */
  readonly nextSequence: number;
  /** Opens it and finds what an earlier process left. @throws SpoolUnusableError */
  open(): Promise<void>;
  /** @throws SpoolFailedError when it is known at once that it cannot be written: nothing was kept and no number spent. */
  append(batch: UnnumberedBatch): Appended;
  /** The oldest batch whose first event has this number or a later one; undefined when there is none. */
  readFrom(sequence: number): SpooledBatch | undefined;
  /** Every event up to and including this number is acknowledged: lets go of their batches. */
  release(sequence: number): void;
  /**
   * Gives up the oldest batch whose first event has this number or a later one, to make room.
   * @returns it, or undefined when there is none
   */
  dropOldestFrom(sequence: number): SpooledBatch | undefined;
  stats(): SpoolStats;
  /**
   * Waits until what was appended is stored or has failed, and closes. What is not acknowledged stays where the spool
   * outlives its process. A disk that fails does not keep it from closing: `stored` says which events that concerns.
   */
  close(): Promise<void>;
}
