/** How far the events of a producer were handled. */
export interface DeliveryPosition {
  /** Names the producer across its restarts. */
  readonly producer: string;
  /** Names the sequence of numbers; a producer whose spool was lost begins another. */
  readonly epoch: string;
  /** The number of the last event that was handled; all before it were too. */
  readonly sequence: number;
}

/**
 * Where a server keeps the positions of its producers. Kept together with what the handlers changed, in one
 * transaction, an event is never applied twice and never left out, whenever the process dies.
 *
 * While a ledger is set, the batches of all producers are handled one after the other, and `commit` is called between
 * two of them: what the handlers changed is then exactly the effect of all committed positions.
 */
export interface DeliveryLedger {
  /** The positions of an earlier process; read once, before the first message. */
  load(): readonly DeliveryPosition[] | Promise<readonly DeliveryPosition[]>;
  /**
   * A batch was handled. State that has to agree with the position must be read before this returns. It agrees with the
   * newest position of every producer: a ledger whose write failed has to write all of those with the next one.
   * @returns undefined, or a promise of when it is durable. The batch is acknowledged after that; while it rejects, no
   * further batch is handled and the server commits again, with back-off.
   */
  commit(position: DeliveryPosition): Promise<void> | undefined;
  /** A producer has been away for so long that its position is not needed any more. */
  forget(producer: string): void;
}
