import { type MessageLike, Push } from 'zeromq';
import { BindFailedError } from '../errors/bind-failed.error.js';
import type { ResolvedEndpoints } from '../socket/endpoints.js';
import type { SocketSettings } from '../socket/socket-settings.js';
import type { ClientDrainReport, LinkState } from './client-stats.js';
import { Lane, type LaneListener } from './lane.js';
import type { Batch, Outbox } from './outbox.js';

export interface OutboundLinkOptions {
  readonly endpoints: ResolvedEndpoints;
  readonly settings: SocketSettings;
  /** Messages that libzmq may hold for each peer. */
  readonly sendHighWaterMark: number;
  /** Makes one message of a batch. */
  readonly toMessage: (batch: Batch) => MessageLike;
  readonly onStateChange: (state: LinkState) => void;
  readonly onSendFailed: (error: unknown) => void;
}

/**
 * Carries the outbox to the peers: one lane for each address it connects to (or one for all it binds), each lane
 * with one message in flight, the lanes taking turns.
 *
 * Natural batching: an event that finds the link idle leaves at once; what comes in while a message is being sent,
 * or in the same turn of the event loop, leaves together in the next. Nothing waits for a timer.
 */
export class OutboundLink implements LaneListener {
  private lanes: Lane[] = [];
  private nextLane = 0;
  private turnScheduled = false;
  private opening: Promise<void> | undefined;
  private onIdle: (() => void) | undefined;
  private hadPeer = false;
  private currentState: LinkState = 'idle';
  private closedLanesReturns = 0;
  private sentTotals = { events: 0, bytes: 0, batches: 0 };

  constructor(
    private readonly outbox: Outbox,
    private readonly options: OutboundLinkOptions,
  ) {}

  get state(): LinkState {
    return this.currentState;
  }

  get sockets(): Push[] {
    return this.lanes.map((lane) => lane.socket);
  }

  get peers(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.peers, 0);
  }

  get reconnects(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.returns, this.closedLanesReturns);
  }

  get totals(): Readonly<{ events: number; bytes: number; batches: number }> {
    return this.sentTotals;
  }

  /** Events that libzmq has been given and has not taken yet. */
  get pendingEvents(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.pendingEvents, 0);
  }

  /**
   * Opens the sockets; waits for no peer. Later calls get the same promise, unless it failed.
   * @throws BindFailedError
   */
  open(): Promise<void> {
    this.opening ??= this.openSockets().catch((error: unknown) => {
      this.opening = undefined;
      this.closeSockets();
      this.setState('idle');
      throw error;
    });
    return this.opening;
  }

  /** To be called after each push to the outbox. */
  notifyQueued(): void {
    if (!this.turnScheduled || this.outbox.hasFullBatch) {
      this.pump();
    }
  }

  /** Waits until all that waits was sent, or `timeoutMs` passed; then closes the sockets. */
  async drainAndClose(timeoutMs: number): Promise<ClientDrainReport> {
    const queued = this.outbox.queuedEvents + this.pendingEvents;
    if (queued > 0 && this.lanes.length > 0) {
      await this.untilIdle(timeoutMs);
    }
    const dropped = this.outbox.clear() + this.pendingEvents;
    this.closeSockets();
    this.opening = undefined;
    this.setState('closed');
    return { queued, delivered: queued - dropped, dropped };
  }

  onSent(batch: Batch): void {
    this.sentTotals.events += batch.parts.length;
    this.sentTotals.bytes += batch.bytes;
    this.sentTotals.batches += 1;
    if (this.outbox.hasFullBatch) {
      this.pump();
    }
    this.scheduleTurn();
    this.signalIdle();
  }

  onFailed(batch: Batch, error: unknown): void {
    if (this.currentState === 'closed') {
      return;
    }
    this.outbox.restore(batch);
    this.options.onSendFailed(error);
    this.onPeersChanged();
  }

  onPeersChanged(): void {
    if (this.currentState === 'closed') {
      return;
    }
    const hasPeer = this.peers > 0;
    this.hadPeer ||= hasPeer;
    this.setState(hasPeer ? 'connected' : this.hadPeer ? 'disconnected' : 'connecting');
    if (hasPeer) {
      this.pump();
    }
  }

  private pump(): void {
    for (let lane = this.takeLane(); lane !== undefined; lane = this.takeLane()) {
      const batch = this.outbox.take();
      if (batch === undefined) {
        return;
      }
      lane.write(batch, this.options.toMessage(batch));
      this.scheduleTurn();
    }
  }

  /** The next lane in turn that can take a message, so that peers share the load evenly. */
  private takeLane(): Lane | undefined {
    for (let step = 0; step < this.lanes.length; step += 1) {
      const index = (this.nextLane + step) % this.lanes.length;
      const lane = this.lanes[index];
      if (lane?.isWritable === true && this.outbox.queuedEvents > 0) {
        this.nextLane = index + 1;
        return lane;
      }
    }
    return undefined;
  }

  /** Until the event loop has turned, events gather for the next message. */
  private scheduleTurn(): void {
    if (this.turnScheduled) {
      return;
    }
    this.turnScheduled = true;
    setImmediate(() => {
      this.turnScheduled = false;
      this.pump();
    });
  }

  private async openSockets(): Promise<void> {
    const { role, addresses } = this.options.endpoints;
    this.hadPeer = false;
    this.setState('connecting');
    if (role === 'connect') {
      for (const address of addresses) {
        this.addLane([address]).socket.connect(address);
      }
    } else {
      const { socket } = this.addLane(addresses);
      for (const address of addresses) {
        await socket.bind(address).catch((error: unknown) => {
          throw new BindFailedError(address, error);
        });
      }
    }
    this.onPeersChanged();
  }

  private addLane(addresses: readonly string[]): Lane {
    const { settings, sendHighWaterMark } = this.options;
    const inprocOnly = addresses.every((address) => address.startsWith('inproc://'));
    const lane = new Lane(new Push({ ...settings, sendHighWaterMark }), inprocOnly, this);
    this.lanes.push(lane);
    return lane;
  }

  private closeSockets(): void {
    for (const lane of this.lanes) {
      this.closedLanesReturns += lane.returns;
      lane.close();
    }
    this.lanes = [];
  }

  private untilIdle(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.onIdle = undefined;
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.onIdle = done;
      this.pump();
      this.signalIdle();
    });
  }

  private signalIdle(): void {
    if (this.onIdle !== undefined && this.outbox.queuedEvents === 0 && this.pendingEvents === 0) {
      this.onIdle();
    }
  }

  private setState(state: LinkState): void {
    if (state !== this.currentState) {
      this.currentState = state;
      this.options.onStateChange(state);
    }
  }
}
