/** An accepted event on its way: what `ZmqClient.deliver` gives. */
export interface Delivery {
  /** Names the event for logs and answers: a digest of the producer's epoch, and the event's number. */
  readonly id: string;
  /** Resolves when the event is on disk, for `acknowledged` delivery when it is in memory. Rejects with `SpoolFailedError`. */
  readonly stored: Promise<void>;
  /**
   * Resolves when its handler has ended and the server has acknowledged it. Rejects with `EventFailedError` when the
   * handler failed for good, with `EventDroppedError` when it was given up. It may take as long as the server is away.
   */
  readonly applied: Promise<void>;
}
