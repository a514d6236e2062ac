import type { Codec } from '../codec/codec.interface.js';
import { epochSeconds } from '../clock.js';
import type { ClientSecurity } from '../curve/client-security.js';
import { LaneBinder } from '../curve/lane-binder.js';
import { LaneRefusals } from '../curve/lane-refusals.js';
import type { RefusalReason } from '../curve/refusal.js';
import type { ResolvedEndpoints } from '../socket/endpoints.js';
import { TurnScheduler } from '../wire/turn-scheduler.js';
import type { BatchSent, SocketPair } from '../zmq.options.js';
import type { ClientDrainReport, LinkState } from './client-stats.js';
import { DealerLane, type ReplyListener } from './lanes/dealer.lane.js';
import type { Lane, LaneListener } from './lanes/lane.js';
import { createLane, hasLanePerAddress, type LaneSettings } from './lanes/lane.factory.js';
import type { Batch, Outbox } from './outbox.js';

export interface OutboundLinkOptions {
  readonly pair: SocketPair;
  readonly endpoints: ResolvedEndpoints;
  readonly settings: Omit<LaneSettings, 'inprocOnly'>;
  readonly security: ClientSecurity;
  readonly codec: Codec;
  readonly replies: ReplyListener;
  readonly onStateChange: (state: LinkState) => void;
  readonly onBroken: (error: unknown) => void;
  /** Packets that nobody had subscribed to. */
  readonly onUnwanted: (packets: number) => void;
  readonly onBatchSent: ((batch: BatchSent) => void) | undefined;
}

/**
 * Carries the outbox to the peers: one lane for each address it connects to (or one for all it binds), each lane
 * with one message in flight, the lanes taking turns.
 *
 * Packets that wait leave together, see {@link TurnScheduler}; a full message leaves at once.
 */
export class OutboundLink implements LaneListener {
  private lanes: Lane[] = [];
  private readonly binder = new LaneBinder();
  private readonly refusals: LaneRefusals;
  private nextLane = 0;
  private readonly turns = new TurnScheduler(() => this.pump());
  private opening: Promise<void> | undefined;
  private onIdle: (() => void) | undefined;
  private hadPeer = false;
  private closedLanesReturns = 0;
  private currentState: LinkState = 'idle';
  private readonly sentTotals = { events: 0, bytes: 0, batches: 0 };

  constructor(
    private readonly outbox: Outbox,
    private readonly options: OutboundLinkOptions,
  ) {
    this.refusals = new LaneRefusals(options, () => this.onPeersChanged());
  }

  get state(): LinkState {
    return this.currentState;
  }

  get refusalCount(): number {
    return this.refusals.count;
  }

  /** Why the last handshake failed, over keys; undefined while none does. */
  get refusal(): RefusalReason | undefined {
    return this.refusals.current;
  }

  get openLanes(): readonly Lane[] {
    return this.lanes;
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

  /** Packets that libzmq has been given and has not taken yet. */
  get pendingEvents(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.pendingEvents, 0);
  }

  /** The lanes that can answer; none for pairs without a way back. */
  get dealers(): readonly DealerLane[] {
    return this.lanes.filter((lane) => lane instanceof DealerLane);
  }

  /**
   * Opens the sockets; waits for no peer. Later calls get the same promise, unless it failed.
   * @throws BindFailedError
   */
  open(): Promise<void> {
    this.opening ??= this.openSockets().catch((error: unknown) => {
      this.opening = undefined;
      this.closeSockets();
      this.binder.forget();
      this.setState('idle');
      throw error;
    });
    return this.opening;
  }

  /**
   * Puts new sockets in the place of the open ones, with the keys as they are now. What waits goes on over them; what
   * libzmq had already taken it still sends, within the linger, unless these keys were refused.
   * @throws BindFailedError
   */
  async renew(): Promise<void> {
    if (this.opening === undefined || this.currentState === 'closed') {
      return;
    }
    await this.opening;
    for (const lane of this.lanes) {
      if (this.refusals.isRefused(lane.socket)) {
        lane.socket.linger = 0;
      }
    }
    for (const dealer of this.dealers) {
      dealer.loseRequests();
    }
    this.closeSockets();
    this.opening = undefined;
    await this.open();
  }

  /** To be called after each push to the outbox. */
  notifyQueued(): void {
    if (this.outbox.hasFullBatch) {
      this.pump();
    } else {
      this.turns.request();
    }
  }

  /** Waits until all that waits was sent, or `timeoutMs` passed; then closes the sockets. */
  async drainAndClose(timeoutMs: number): Promise<ClientDrainReport> {
    const queued = this.outbox.queuedEvents + this.pendingEvents;
    if (queued > 0 && this.lanes.length > 0) {
      await this.untilIdle(timeoutMs);
    }
    const dropped = this.outbox.clear() + this.pendingEvents;
    this.setState('closed');
    this.closeSockets();
    this.binder.forget();
    this.opening = undefined;
    return { queued, delivered: queued - dropped, dropped };
  }

  onSent(batch: Batch): void {
    this.sentTotals.events += batch.parts.length;
    this.sentTotals.bytes += batch.bytes;
    this.sentTotals.batches += 1;
    this.options.onBatchSent?.({
      acceptedAtSeconds: batch.acceptedAtSeconds,
      sentAtSeconds: epochSeconds(),
    });
    if (this.outbox.hasFullBatch) {
      this.pump();
    }
    this.turns.nextTurn();
    this.signalIdle();
  }

  onUnsent(batch: Batch): void {
    if (this.currentState !== 'closed') {
      this.outbox.restore(batch);
    }
  }

  onUnwanted(batch: Batch): void {
    this.options.onUnwanted(batch.parts.length);
    this.signalIdle();
  }

  onBroken(error: unknown): void {
    if (this.currentState !== 'closed') {
      this.options.onBroken(error);
      this.onPeersChanged();
    }
  }

  onPeersChanged(): void {
    if (this.currentState === 'closed' || this.lanes.length === 0) {
      return;
    }
    const hasPeer = this.peers > 0;
    this.hadPeer ||= hasPeer;
    const absent = this.refusal !== undefined ? 'refused' : this.hadPeer ? 'disconnected' : 'connecting';
    this.setState(hasPeer ? 'connected' : absent);
    this.pump();
  }

  private pump(): void {
    while (this.outbox.queuedEvents > 0) {
      const lane = this.takeLane();
      const batch = lane === undefined ? undefined : this.outbox.take();
      if (lane === undefined || batch === undefined) {
        return;
      }
      lane.write(batch);
      this.turns.nextTurn();
    }
  }

  /** The next lane in turn that can take a message, so that peers share the load evenly. */
  private takeLane(): Lane | undefined {
    for (let step = 0; step < this.lanes.length; step += 1) {
      const index = (this.nextLane + step) % this.lanes.length;
      const lane = this.lanes[index];
      if (lane?.isWritable === true) {
        this.nextLane = index + 1;
        return lane;
      }
    }
    return undefined;
  }

  private async openSockets(): Promise<void> {
    const { pair, endpoints } = this.options;
    const { role, addresses } = endpoints;
    this.hadPeer = false;
    this.setState('connecting');
    const groups =
      role === 'connect' && hasLanePerAddress(pair) ? addresses.map((address) => [address]) : [addresses];
    for (const group of groups) {
      const lane = this.addLane(group);
      for (const address of group) {
        if (role === 'connect') {
          lane.socket.connect(address);
        } else {
          await this.binder.bind(lane.socket, address);
        }
      }
      lane.onOpened();
    }
    this.onPeersChanged();
  }

  private addLane(addresses: readonly string[]): Lane {
    const inprocOnly = addresses.every((address) => address.startsWith('inproc://'));
    const { pair, settings, codec, replies } = this.options;
    const socket = { ...settings.socket, ...this.options.security.settings() };
    const lane = createLane(pair, { ...settings, socket, inprocOnly }, codec, this, replies);
    this.lanes.push(lane);
    this.refusals.follow(lane.socket, addresses);
    return lane;
  }

  private closeSockets(): void {
    this.refusals.forget();
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
