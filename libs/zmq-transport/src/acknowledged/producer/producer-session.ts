import { lastOf, type Spool, type SpooledBatch } from '@app/transport-core';
import type { AckHeader, DeliverHeader } from '../../wire/frames.js';
import type { SessionGrant } from '../../wire/greeting.js';

/** A batch that may leave now. */
export interface OutgoingBatch {
  readonly header: DeliverHeader;
  readonly batch: SpooledBatch;
}

/**
 * The producer's side of PROTOCOL.md, sections 3 to 5: which batch leaves next, and what an answer changes. It holds no socket,
 * no clock and no promise, so that a test can try every order of events.
 */
export class ProducerSession {
  private session: string | undefined;
  private windowEvents = 0;
  private windowBytes = 0;
  /** Everything up to this number was acknowledged to this process. */
  private ackedThrough = 0;
  /** Everything up to this number may leave: it is as safe as this producer promises. */
  private storedThrough: number;
  /** The next number to send. */
  private cursor = 1;
  /** Up to this number, nobody can say yet whether an event was handled. */
  private uncertainThrough: number;
  /** Sent and not acknowledged, in order. */
  private onTheWay: SpooledBatch[] = [];
  private bytesOnTheWay = 0;

  /** @param spool open; what an earlier process left in it is sent again */
  constructor(private readonly spool: Spool) {
    this.storedThrough = spool.nextSequence - 1;
    this.uncertainThrough = this.storedThrough;
  }

  /**
   * For HELLO: everything up to this number was acknowledged to this process. Only the server knows what an earlier process
   * heard.
   */
  get acked(): number {
    return this.ackedThrough;
  }

  get isOpen(): boolean {
    return this.session !== undefined;
  }

  /** Events that may be on their way beyond the last acknowledged one; 0 without a session. */
  get window(): number {
    return this.session === undefined ? 0 : this.windowEvents;
  }

  /** Events sent in this session and not acknowledged. */
  get eventsOnTheWay(): number {
    return this.onTheWay.reduce((sum, { count }) => sum + count, 0);
  }

  get hasSomethingOnTheWay(): boolean {
    return this.onTheWay.length > 0;
  }

  /** The first number that was certainly never sent: events before it must not be given up. */
  get firstUnsent(): number {
    return Math.max(this.cursor, this.uncertainThrough + 1);
  }

  /** Everything up to this number may leave. */
  onStored(sequence: number): void {
    this.storedThrough = Math.max(this.storedThrough, sequence);
  }

  /**
   * Releases nothing from the spool: the ACK that follows does, and names the events that failed.
   * @returns false for a server that claims events which were never sent: it has another spool's, or lies
   */
  onReady(grant: SessionGrant): boolean {
    if (Math.max(grant.received, grant.acked) >= this.spool.nextSequence) {
      this.close();
      return false;
    }
    this.session = grant.session;
    this.windowEvents = grant.window;
    this.windowBytes = grant.windowBytes;
    this.cursor = Math.max(grant.received, this.ackedThrough) + 1;
    this.uncertainThrough = this.cursor - 1;
    this.onTheWay = this.keptBefore(this.cursor);
    this.bytesOnTheWay = this.onTheWay.reduce((sum, { bytes }) => sum + bytes, 0);
    return true;
  }

  /** @returns whether the ACK was for this session */
  onAck({ session, sequence, window }: AckHeader): boolean {
    // A server cannot have handled what was never sent: such an ACK is ignored.
    if (session !== this.session || sequence >= this.cursor) {
      return false;
    }
    this.windowEvents = window;
    this.letGo(sequence);
    return true;
  }

  /** The server cannot continue the session. @returns whether to send HELLO again */
  onResync(session: string): boolean {
    if (session !== this.session) {
      return false;
    }
    this.close();
    return true;
  }

  /** The connection or the session has ended. */
  close(): void {
    this.session = undefined;
    this.onTheWay = [];
    this.bytesOnTheWay = 0;
    this.uncertainThrough = Math.max(this.uncertainThrough, this.cursor - 1);
  }

  /** Takes the next batch to send, which counts as sent from now on; undefined when none may leave. */
  next(): OutgoingBatch | undefined {
    if (this.session === undefined) {
      return undefined;
    }
    const batch = this.spool.readFrom(this.cursor);
    if (batch === undefined || lastOf(batch) > this.storedThrough || !this.isWithinWindow(batch)) {
      return undefined;
    }
    const { first, count } = batch;
    const header = { session: this.session, previous: this.cursor - 1, first, count };
    this.cursor = first + count;
    this.onTheWay.push(batch);
    this.bytesOnTheWay += batch.bytes;
    return { header, batch };
  }

  /** One batch may always be on its way: a window that is smaller than a batch must not stop everything. */
  private isWithinWindow(batch: SpooledBatch): boolean {
    return (
      this.onTheWay.length === 0 ||
      (lastOf(batch) <= this.ackedThrough + this.windowEvents &&
        this.bytesOnTheWay + batch.bytes <= this.windowBytes)
    );
  }

  private letGo(sequence: number): void {
    if (sequence <= this.ackedThrough) {
      return;
    }
    this.ackedThrough = sequence;
    this.spool.release(sequence);
    const kept = this.onTheWay.findIndex((batch) => lastOf(batch) > sequence);
    for (const { bytes } of this.onTheWay.splice(0, kept === -1 ? this.onTheWay.length : kept)) {
      this.bytesOnTheWay -= bytes;
    }
  }

  private keptBefore(sequence: number): SpooledBatch[] {
    const batches: SpooledBatch[] = [];
    let batch = this.spool.readFrom(this.ackedThrough + 1);
    while (batch !== undefined && batch.first < sequence) {
      batches.push(batch);
      batch = this.spool.readFrom(lastOf(batch) + 1);
    }
    return batches;
  }
}
