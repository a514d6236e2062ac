import type { MessageLike, Push } from 'zeromq';
import { PeerMonitor } from '../socket/peer-monitor.js';
import type { Batch } from './outbox.js';

/** What a lane tells its client. */
export interface LaneListener {
  /** `batch` was taken by libzmq; the lane can take another. */
  onSent(batch: Batch): void;
  /** `batch` was not taken; the lane is of no more use. */
  onFailed(batch: Batch, error: unknown): void;
  /** A peer came or went. */
  onPeersChanged(): void;
}

/**
 * One socket and its one writer: zeromq.js throws EBUSY when a second send starts while one waits.
 *
 * Nothing is written while no peer is there. libzmq would take messages for a peer that may never come, and
 * they would be out of the count of what waits. What it took before a peer went away it keeps for its return
 * (`immediate` stays false: with true it would drop that pipe).
 */
export class Lane {
  private pending: Batch | undefined;
  private broken = false;
  private readonly monitor: PeerMonitor;

  constructor(
    readonly socket: Push,
    inprocOnly: boolean,
    private readonly listener: LaneListener,
  ) {
    this.monitor = new PeerMonitor(socket, inprocOnly, () => this.listener.onPeersChanged());
  }

  get peers(): number {
    return this.broken ? 0 : this.monitor.peers;
  }

  get returns(): number {
    return this.monitor.returns;
  }

  get isWritable(): boolean {
    return this.pending === undefined && this.peers > 0;
  }

  /** Events that libzmq has not taken yet, because the peer is slow. */
  get pendingEvents(): number {
    return this.pending?.parts.length ?? 0;
  }

  write(batch: Batch, message: MessageLike): void {
    this.pending = batch;
    let taken: Promise<void>;
    try {
      // Throws synchronously on a closed socket, where its documentation says that it rejects.
      taken = this.socket.send(message);
    } catch (error) {
      this.fail(batch, error);
      return;
    }
    taken.then(
      () => {
        this.pending = undefined;
        this.listener.onSent(batch);
      },
      (error: unknown) => this.fail(batch, error),
    );
  }

  close(): void {
    this.socket.close();
  }

  private fail(batch: Batch, error: unknown): void {
    this.pending = undefined;
    this.broken = true;
    this.listener.onFailed(batch, error);
  }
}
