/** How far the events of a producer have been handled. */
export interface DeliveryPosition {
  /** Names the producer across its restarts. */
  readonly producer: string;
  /** Names the sequence of numbers; a producer whose spool was lost begins a new one. */
  readonly epoch: string;
  /** The number of the last event that was handled; all before it were too. */
  readonly sequence: number;
}

/**
 * Where a server keeps the positions of its producers. When it keeps them in one transaction with what the handlers changed, no
 * event is ever applied twice or left out, whenever the process dies.
 *
 * While a ledger is set, the batches of all producers are handled one after the other, and `commit` is called between
 * two of them: what the handlers changed is then exactly the effect of all committed positions.
 */
export interface DeliveryLedger {
  /** The positions of an earlier process; read once, before the first message. */
  load(): readonly DeliveryPosition[] | Promise<readonly DeliveryPosition[]>;
  /**
   * A batch was handled. Read the state that belongs to the position before this returns. That state belongs to the newest
   * position of every producer: after a failed write, the next write has to include all of those.
   * @returns undefined, or a promise of when it is durable. The batch is acknowledged after that; while it rejects, no
   * further batch is handled and the server commits again, with back-off.
   */
  commit(position: DeliveryPosition): Promise<void> | undefined;
  /** A producer has been away for so long that its position is not needed any more. */
  forget(producer: string): void;
}
