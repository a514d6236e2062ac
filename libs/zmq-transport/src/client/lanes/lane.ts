import type { MessageLike, Socket, Writable } from 'zeromq';
import type { Batch } from '@app/transport-core';
import type { SocketSettings } from '../../sockets/socket-settings.js';

const NOTHING_TO_DO = (): void => undefined;

/** What a lane is made with. */
export interface LaneSettings {
  readonly socket: SocketSettings & { readonly sendHighWaterMark: number };
  /** Whether all its addresses are inproc ones, which have no monitor events. */
  readonly inprocOnly: boolean;
  /** Milliseconds between two questions to a peer that owes an answer; 0 for none. */
  readonly heartbeatIntervalMs: number;
  /** Peers that another lane, in whose place this one comes, has lost. */
  readonly lostPeers: number;
  /** Largest message that is taken from a peer, in bytes. */
  readonly maxMessageBytes: number;
}

/** What a lane tells its client. */
export interface LaneListener {
  /** `batch` was taken by libzmq; the lane can take another. */
  onSent(batch: Batch): void;
  /** `batch` was not taken. */
  onUnsent(batch: Batch): void;
  /** The socket failed; the lane is of no more use. */
  onBroken(error: unknown): void;
  /** Nobody wanted `batch`; it is gone. */
  onUnwanted(batch: Batch): void;
  /** Its peer owes an answer and is silent for so long that it is taken for gone. @returns whether `lane` is closed now */
  onSilent(lane: Lane): boolean;
  /** A peer came or went, or became ready. */
  onPeersChanged(): void;
}

/**
 * One socket and its one writer: zeromq.js throws EBUSY when a second send starts while one waits.
 * Control messages go before batches.
 */
export abstract class Lane {
  private sending = false;
  private batch: Batch | undefined;
  private broken = false;
  private opened = false;
  private readonly urgent: { readonly frames: MessageLike[]; readonly onTaken: () => void }[] = [];

  constructor(
    readonly socket: Socket & Writable,
    protected readonly listener: LaneListener,
  ) {}

  /** Peers that can be sent to. */
  abstract get readyPeers(): number;
  /** Peers that came after one had been lost. */
  abstract get returns(): number;
  protected abstract message(batch: Batch): MessageLike | MessageLike[];

  /** Whether a peer is there and will have nothing of this client. */
  get isRefused(): boolean {
    return false;
  }

  get peers(): number {
    return this.broken ? 0 : this.readyPeers;
  }

  get isWritable(): boolean {
    return !this.isBusy && this.readyPeers > 0;
  }

  /** Packets that libzmq has been given and has not taken yet, because the peer is slow. */
  get pendingEvents(): number {
    return this.batch?.parts.length ?? 0;
  }

  /** The socket is bound or connected: zeromq.js throws EBUSY when it is used before. */
  onOpened(): void {
    this.opened = true;
    this.sendNextControl();
  }

  write(batch: Batch): void {
    this.batch = batch;
    this.send(
      this.message(batch),
      () => {
        this.batch = undefined;
        this.listener.onSent(batch);
      },
      () => {
        this.batch = undefined;
        this.listener.onUnsent(batch);
      },
    );
    if (batch.requestIds.length > 0) {
      this.onRequestsWriting(batch.requestIds);
    }
  }

  /** A batch with requests was handed over; a lane without replies has none to follow. */
  protected onRequestsWriting(_ids: readonly string[]): void {}

  close(): void {
    this.broken = true;
    this.socket.close();
  }

  protected get isBusy(): boolean {
    return this.sending || this.broken || !this.opened;
  }

  /** The socket broke under its reader. */
  protected fail(error: unknown): void {
    if (!this.broken) {
      this.broken = true;
      this.listener.onBroken(error);
    }
  }

  /** Sends a control message as soon as the socket is free. */
  protected sendControl(frames: MessageLike[], onTaken: () => void = NOTHING_TO_DO): void {
    this.urgent.push({ frames, onTaken });
    if (!this.isBusy) {
      this.sendNextControl();
    }
  }

  private sendNextControl(): void {
    const control = this.urgent.shift();
    if (control === undefined) {
      return;
    }
    this.send(
      control.frames,
      () => {
        control.onTaken();
        this.listener.onPeersChanged();
      },
      NOTHING_TO_DO,
    );
  }

  protected send(message: MessageLike | MessageLike[], onTaken: () => void, onUntaken: () => void): void {
    this.sending = true;
    let taken: Promise<void>;
    try {
      // Throws synchronously on a closed socket, where its documentation says that it rejects.
      taken = this.socket.send(message);
    } catch (error) {
      taken = Promise.reject(error as Error);
    }
    taken.then(
      () => {
        this.sending = false;
        this.sendNextControl();
        onTaken();
      },
      (error: unknown) => {
        this.sending = false;
        this.fail(error);
        onUntaken();
      },
    );
  }
}
