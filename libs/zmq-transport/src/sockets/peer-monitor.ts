import type { Socket } from 'zeromq';

export interface PeerMonitorListener {
  /** A peer's handshake succeeded; called before `onChange`. */
  readonly onHandshake?: () => void;
  /** The number of peers changed. */
  readonly onChange?: () => void;
  /** A peer was lost; called before `onChange`. */
  readonly onLoss?: () => void;
}

/**
 * Counts the peers of one socket from its monitor events, so that a sender knows whether a peer is there.
 *
 * A peer is there once its ZMTP handshake succeeded. A connection whose handshake failed also ends in a
 * `disconnect` event, after a failure event or (a socket of a wrong kind) without one; it must not count as the loss of an
 * honest peer. Events do not say whose they are: while a connection has no handshake yet, a `disconnect` counts as that
 * connection's. If that connection then completes its handshake, the count is corrected. inproc sockets have no monitor events:
 * their peer counts as connected from the start.
 */
export class PeerMonitor {
  private connectedPeers = 0;
  private unfinishedHandshakes = 0;
  private failedHandshakes = 0;
  private returnedPeers = 0;

  constructor(
    socket: Socket,
    private readonly inprocOnly: boolean,
    private readonly listener: PeerMonitorListener = {},
    private lostPeers = 0,
  ) {
    if (inprocOnly) {
      return;
    }
    for (const begin of ['accept', 'connect'] as const) {
      socket.events.on(begin, () => {
        this.unfinishedHandshakes += 1;
      });
    }
    socket.events.on('handshake', () => this.onHandshake());
    socket.events.on('disconnect', () => this.onDisconnect());
    for (const failure of [
      'handshake:error:protocol',
      'handshake:error:auth',
      'handshake:error:other',
    ] as const) {
      socket.events.on(failure, () => {
        this.finishHandshake();
        this.failedHandshakes += 1;
      });
    }
  }

  get peers(): number {
    return this.inprocOnly ? 1 : this.connectedPeers;
  }

  /** Peers that were lost, since the start. */
  get losses(): number {
    return this.lostPeers;
  }

  /** Peers that connected after a loss. */
  get returns(): number {
    return this.returnedPeers;
  }

  /** This side ended every connection, which no event reports. */
  forgetPeers(): void {
    this.unfinishedHandshakes = 0;
    this.failedHandshakes = 0;
    this.lostPeers += this.connectedPeers;
    this.setPeers(0);
  }

  private onHandshake(): void {
    this.finishHandshake();
    if (this.lostPeers > this.returnedPeers) {
      this.returnedPeers += 1;
    }
    this.listener.onHandshake?.();
    this.setPeers(this.connectedPeers + 1);
  }

  private onDisconnect(): void {
    if (this.failedHandshakes > 0) {
      this.failedHandshakes -= 1;
    } else if (this.unfinishedHandshakes > 0) {
      this.unfinishedHandshakes -= 1;
    } else {
      this.lose();
    }
  }

  private finishHandshake(): void {
    if (this.unfinishedHandshakes > 0) {
      this.unfinishedHandshakes -= 1;
    } else {
      // An earlier disconnect counted as this connection's, and was another peer's.
      this.lose();
    }
  }

  private lose(): void {
    if (this.connectedPeers > 0) {
      this.lostPeers += 1;
      this.listener.onLoss?.();
      this.setPeers(this.connectedPeers - 1);
    }
  }

  private setPeers(peers: number): void {
    this.connectedPeers = peers;
    this.listener.onChange?.();
  }
}
