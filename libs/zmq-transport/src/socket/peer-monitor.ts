import type { Socket } from 'zeromq';

export interface PeerMonitorListener {
  /** A peer's handshake succeeded; called before `onChange`. */
  readonly onHandshake?: () => void;
  /** The number of peers changed. */
  readonly onChange?: () => void;
}

/**
 * Counts the peers of one socket from its monitor events, so that a sender knows whether anybody is there.
 *
 * A peer is there once its ZMTP handshake succeeded. A connection whose handshake failed also ends in a
 * `disconnect` event, which must not be taken for the loss of an honest peer.
 * inproc sockets have no monitor events: their peer is taken to be there from the start.
 */
export class PeerMonitor {
  private connectedPeers = 0;
  private failedHandshakes = 0;
  private lostPeers = 0;
  private returnedPeers = 0;

  constructor(
    socket: Socket,
    private readonly inprocOnly: boolean,
    private readonly listener: PeerMonitorListener = {},
  ) {
    if (inprocOnly) {
      return;
    }
    socket.events.on('handshake', () => this.onHandshake());
    socket.events.on('disconnect', () => this.onDisconnect());
    for (const failure of [
      'handshake:error:protocol',
      'handshake:error:auth',
      'handshake:error:other',
    ] as const) {
      socket.events.on(failure, () => {
        this.failedHandshakes += 1;
      });
    }
  }

  get peers(): number {
    return this.inprocOnly ? 1 : this.connectedPeers;
  }

  /** Peers that were there and went away, since the start. */
  get losses(): number {
    return this.lostPeers;
  }

  /** Peers that came after one had been lost. */
  get returns(): number {
    return this.returnedPeers;
  }

  private onHandshake(): void {
    if (this.lostPeers > this.returnedPeers) {
      this.returnedPeers += 1;
    }
    this.listener.onHandshake?.();
    this.setPeers(this.connectedPeers + 1);
  }

  private onDisconnect(): void {
    if (this.failedHandshakes > 0) {
      this.failedHandshakes -= 1;
      return;
    }
    if (this.connectedPeers > 0) {
      this.lostPeers += 1;
      this.setPeers(this.connectedPeers - 1);
    }
  }

  private setPeers(peers: number): void {
    this.connectedPeers = peers;
    this.listener.onChange?.();
  }
}
