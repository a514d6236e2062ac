import { type MessageLike, Push, type Socket, type Writable } from 'zeromq';
import type { Batch, Codec } from '@app/transport-core';
import { PeerMonitor } from '../sockets/peer-monitor.js';
import { closeWithThread, type SocketSettings } from '../sockets/socket-settings.js';

const NOTHING_TO_DO = (): void => undefined;

/** What a socket of a client is made with. */
export interface PeerSocketSettings {
  readonly socket: SocketSettings & { readonly sendHighWaterMark: number };
  /** Whether all its addresses are inproc ones, which have no monitor events. */
  readonly inprocOnly: boolean;
  /** Milliseconds between two questions to a peer that owes an answer; 0 for none. */
  readonly heartbeatIntervalMs: number;
  /** Peers lost by the socket that this one replaces. */
  readonly lostPeers: number;
  /** Largest message that the socket takes from a peer, in bytes. */
  readonly maxMessageBytes: number;
}

/** What a socket tells its sender. */
export interface SenderEvents {
  /** libzmq took `batch`; the socket can take another. */
  onSent(batch: Batch): void;
  /** libzmq did not take `batch`. */
  onUnsent(batch: Batch): void;
  /** The socket failed and cannot be used any more. */
  onBroken(error: unknown): void;
  /** No peer subscribed to `batch`; it is dropped. */
  onUnwanted(batch: Batch): void;
  /** The peer owes an answer and was silent for so long that it counts as gone. @returns whether `socket` is closed now */
  onSilent(socket: PeerSocket): boolean;
  /** A peer came or went, or became ready. */
  onPeersChanged(): void;
}

/**
 * One socket and its one writer: zeromq.js throws EBUSY when a second send starts while one waits.
 * Control messages go before batches.
 */
export abstract class PeerSocket {
  private sending = false;
  private batch: Batch | undefined;
  private broken = false;
  private opened = false;
  private readonly urgent: { readonly frames: MessageLike[]; readonly onTaken: () => void }[] = [];

  constructor(
    readonly socket: Socket & Writable,
    protected readonly events: SenderEvents,
  ) {
    closeWithThread(socket);
  }

  /** Peers that can be sent to. */
  abstract get readyPeers(): number;
  /** Peers that came after one had been lost. */
  abstract get returns(): number;
  protected abstract message(batch: Batch): MessageLike | MessageLike[];

  /** Whether a peer is there and refuses this client. */
  get isRefused(): boolean {
    return false;
  }

  get peers(): number {
    return this.broken ? 0 : this.readyPeers;
  }

  get isWritable(): boolean {
    return !this.isBusy && this.readyPeers > 0;
  }

  /** Packets that libzmq was given and has not taken yet, because the peer is slow. */
  get pendingEvents(): number {
    return this.batch?.count ?? 0;
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
        this.events.onSent(batch);
      },
      () => {
        this.batch = undefined;
        this.events.onUnsent(batch);
      },
    );
    if (batch.requestIds.length > 0) {
      this.onRequestsWriting(batch.requestIds);
    }
  }

  /** A batch with requests is being written; sockets without replies have none to follow. */
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
      this.events.onBroken(error);
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
        this.events.onPeersChanged();
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

/**
 * Pushes batches to pullers.
 *
 * Writes nothing while no peer is there: libzmq would take messages for a peer that may never come, and nothing would count
 * them as waiting. What libzmq took before a peer went away it keeps until that peer returns (`immediate` stays false: with
 * true it would drop that pipe).
 */
export class PushSocket extends PeerSocket {
  private readonly monitor: PeerMonitor;

  constructor(
    settings: PeerSocketSettings,
    private readonly codec: Codec,
    events: SenderEvents,
  ) {
    super(new Push(settings.socket), events);
    this.monitor = new PeerMonitor(this.socket, settings.inprocOnly, {
      onChange: () => this.events.onPeersChanged(),
    });
  }

  override get readyPeers(): number {
    return this.monitor.peers;
  }

  override get returns(): number {
    return this.monitor.returns;
  }

  protected override message(batch: Batch): MessageLike {
    return batch.payload(this.codec);
  }
}
