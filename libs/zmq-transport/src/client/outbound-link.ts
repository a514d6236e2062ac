import {
  EventDroppedError,
  TurnScheduler,
  type BatchSent,
  type SpooledBatch,
  type Batch,
  type Outbox,
} from '@app/transport-core';
import type { RefusalReason } from '../curve/refusal.js';
import type { ClientDrainReport, LinkState } from './client-stats.js';
import { IdleWait } from './idle.wait.js';
import type { DealerLane } from './lanes/dealer.lane.js';
import type { Lane, LaneListener } from './lanes/lane.js';
import { Lanes, type LanesOptions } from './lanes/lanes.js';
import { SentTotals } from './sent-totals.js';

export interface OutboundLinkOptions extends LanesOptions {
  readonly onStateChange: (state: LinkState) => void;
  readonly onBroken: (error: unknown) => void;
  /** Packets that nobody had subscribed to. */
  readonly onUnwanted: (packets: number) => void;
  readonly onBatchSent: ((batch: BatchSent) => void) | undefined;
}

const NOTHING_LEFT = { dropped: 0, kept: 0 };

/**
 * Carries the outbox to the peers: one lane for each address it connects to (or one for all it binds), each lane
 * with one message in flight, the lanes taking turns.
 *
 * Packets that wait leave together, see {@link TurnScheduler}; a full message leaves at once.
 */
export class OutboundLink implements LaneListener {
  private readonly lanes: Lanes;
  private readonly turns = new TurnScheduler(() => this.pump());
  private opening: Promise<void> | undefined;
  readonly totals: SentTotals;
  private readonly idle = new IdleWait(() => this.waiting === 0);
  private hadPeer = false;
  private currentState: LinkState = 'idle';

  constructor(
    private readonly outbox: Outbox,
    private readonly options: OutboundLinkOptions,
  ) {
    this.lanes = new Lanes(options, this);
    this.totals = new SentTotals(options.onBatchSent);
  }

  get state(): LinkState {
    return this.currentState;
  }

  get refusalCount(): number {
    return this.lanes.refusalCount;
  }

  /** Why the last handshake failed, over keys; undefined while none does. */
  get refusal(): RefusalReason | undefined {
    return this.lanes.refusal;
  }

  get openLanes(): readonly Lane[] {
    return this.lanes.list;
  }

  get peers(): number {
    return this.lanes.peers;
  }

  get reconnects(): number {
    return this.lanes.returns;
  }

  /** Packets that libzmq has been given and has not taken yet. */
  get pendingEvents(): number {
    return this.lanes.pendingEvents;
  }

  /** The lanes that can answer; none for pairs without a way back. */
  get dealers(): readonly DealerLane[] {
    return this.lanes.dealers;
  }

  /**
   * Opens the sockets; waits for no peer. Later calls get the same promise, unless it failed.
   * @throws BindFailedError
   */
  open(): Promise<void> {
    this.opening ??= this.openSockets().catch((error: unknown) => {
      this.opening = undefined;
      this.lanes.closeAll();
      this.lanes.forgetAddresses();
      if (this.currentState !== 'closed') {
        this.setState('idle');
      }
      throw error;
    });
    return this.opening;
  }

  /** A batch of acknowledged events was taken by libzmq. */
  onBatchDelivered(batch: SpooledBatch): void {
    this.totals.addDelivered(batch);
  }

  /** Something may leave, or everything has: acknowledged delivery says so. */
  onDeliveryProgress(): void {
    this.pump();
    this.idle.signal();
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
    this.lanes.closeRefusedAtOnce();
    const lost = this.dealers.flatMap(({ unanswered }) => unanswered);
    this.lanes.closeAll();
    // Whoever asks again on this news waits for the new sockets.
    this.options.replies.onRequestsLost(lost);
    this.opening = undefined;
    await this.open();
  }

  /** To be called after each push to the outbox. */
  notifyQueued(): void {
    // A broadcast that nobody hears is dropped, and counted, before anybody asks what became of it.
    const isUnheard = this.options.pair === 'pub-sub' && this.peers === 0;
    if (this.outbox.hasFullBatch || isUnheard) {
      this.pump();
    } else {
      this.turns.request();
    }
  }

  /** Waits until all that waits was sent, or `timeoutMs` passed; then closes the sockets. */
  async drainAndClose(timeoutMs: number): Promise<ClientDrainReport> {
    const { delivery } = this.options;
    if (delivery !== undefined) {
      // A spool that is being opened would be open after all; who opens it is told how that went.
      await this.opening?.catch(() => undefined);
    }
    const queued = this.waiting;
    if (queued > 0 && this.openLanes.length > 0) {
      this.pump();
      await this.idle.until(timeoutMs);
    }
    const left = delivery === undefined ? NOTHING_LEFT : await delivery.close();
    const dropped = this.outbox.clear() + this.pendingEvents + left.dropped;
    this.setState('closed');
    this.lanes.closeAll();
    this.lanes.forgetAddresses();
    this.opening = undefined;
    return { queued, delivered: queued - dropped - left.kept, dropped, kept: left.kept };
  }

  onSent(batch: Batch): void {
    batch.sent?.resolve();
    this.totals.add(batch);
    if (this.outbox.queuedEvents > 0) {
      this.notifyQueued();
    }
    this.idle.signal();
  }

  onUnsent(batch: Batch): void {
    if (this.currentState !== 'closed') {
      this.outbox.restore(batch);
      this.notifyQueued();
    }
  }

  onUnwanted(batch: Batch): void {
    batch.sent?.reject(new EventDroppedError('nobody had subscribed to its topic'));
    this.options.onUnwanted(batch.parts.length);
    this.idle.signal();
  }

  onBroken(error: unknown): void {
    if (this.currentState !== 'closed') {
      this.options.onBroken(error);
      this.onPeersChanged();
    }
  }

  onSilent(lane: Lane): boolean {
    try {
      this.lanes.replace(lane);
    } catch (error) {
      this.options.onBroken(error);
      return false;
    }
    this.onPeersChanged();
    return true;
  }

  onPeersChanged(): void {
    if (this.currentState === 'closed' || this.openLanes.length === 0) {
      return;
    }
    const hasPeer = this.peers > 0;
    this.hadPeer ||= hasPeer;
    this.setState(hasPeer ? 'connected' : this.stateWithoutPeer());
    this.pump();
  }

  private stateWithoutPeer(): LinkState {
    if (this.lanes.isRefused) {
      return 'refused';
    }
    return this.hadPeer ? 'disconnected' : 'connecting';
  }

  private get waiting(): number {
    return this.outbox.queuedEvents + this.pendingEvents + (this.options.delivery?.unacknowledged ?? 0);
  }

  /** Requests go before events that are acknowledged: somebody waits for them. */
  private pump(): void {
    this.pumpOutbox();
    this.options.delivery?.pump();
  }

  private pumpOutbox(): void {
    while (this.outbox.queuedEvents > 0) {
      const lane = this.lanes.next();
      const batch = lane === undefined ? undefined : this.outbox.take();
      if (lane === undefined || batch === undefined) {
        return;
      }
      lane.write(batch);
    }
  }

  private async openSockets(): Promise<void> {
    this.hadPeer = false;
    this.setState('connecting');
    if (this.options.delivery !== undefined) {
      await this.options.delivery.open();
    }
    const binding = this.lanes.openAll();
    if (binding !== undefined) {
      await binding;
    }
    this.onPeersChanged();
  }

  private setState(state: LinkState): void {
    if (state !== this.currentState) {
      this.currentState = state;
      this.options.onStateChange(state);
    }
  }
}
