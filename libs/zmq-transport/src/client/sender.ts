import type { LoggerService } from '@nestjs/common';
import type { Socket } from 'zeromq';
import {
  type Batch,
  type BatchSent,
  type Codec,
  epochSeconds,
  EventDroppedError,
  IdleWait,
  type Outbox,
  type OutboxLimits,
  type SpooledBatch,
  type TurnScheduler,
} from '@app/transport-core';
import type { AcknowledgedProducer } from '../acknowledged/producer/producer.js';
import type { ClientSecurity } from '../curve/client-curve.js';
import { explainToClient, type DenialReason } from '../curve/handshake-watch.js';
import { prepareFor, type ResolvedEndpoints } from '../sockets/endpoints.js';
import { watchIpcAccess } from '../sockets/ipc-access.js';
import { bindAgain, bindFirst } from '../sockets/patient-bind.js';
import type { SocketPair } from '../sockets/socket-settings.js';
import { DealerSocket, type ReplyListener } from './dealer-socket.js';
import { DeniedHandshakes } from './denied-handshakes.js';
import { type PeerSocket, type PeerSocketSettings, PushSocket, type SenderEvents } from './peer-socket.js';
import { PublishSocket } from './publish-socket.js';
import type { ClientDrainReport, LinkState } from './stats.js';

export interface SenderOptions {
  readonly pair: SocketPair;
  readonly endpoints: ResolvedEndpoints;
  readonly settings: Omit<PeerSocketSettings, 'inprocOnly' | 'lostPeers'>;
  readonly security: ClientSecurity;
  readonly codec: Codec;
  /** Lowered to what the servers read. */
  readonly limits: OutboxLimits;
  readonly replies: ReplyListener;
  /** Acknowledged delivery of events; the outbox then carries requests only. */
  readonly producer: AcknowledgedProducer | undefined;
  readonly logger: Pick<LoggerService, 'warn'>;
  readonly onStateChange: (state: LinkState) => void;
  readonly onBroken: (error: unknown) => void;
  /** Events that nobody had subscribed to. */
  readonly onUnwanted: (events: number) => void;
  readonly onBatchSent: ((batch: BatchSent) => void) | undefined;
}

const NOTHING_LEFT = { dropped: 0, kept: 0 };

/**
 * Carries the outbox to the peers: one socket for each address it connects to (or one for all it binds), each with one
 * message in flight, taking turns.
 *
 * Events that wait leave together, see {@link TurnScheduler}; a full message leaves at once.
 */
export class Sender implements SenderEvents {
  private sockets: readonly PeerSocket[] = [];
  private readonly addresses = new Map<PeerSocket, readonly string[]>();
  /** Where sockets are bound, by the address in the options: sockets that replace them bind the same place. */
  private readonly bound = new Map<string, string>();
  private readonly denied: DeniedHandshakes;
  private readonly idle = new IdleWait(() => this.waiting === 0);
  /** Where the search for the next socket begins, so that peers share the load evenly. */
  private turn = 0;
  private opening: Promise<void> | undefined;
  private readonly maxFrameBytes: number;
  private hadPeer = false;
  private returnsOfClosed = 0;
  private currentState: LinkState = 'idle';
  /** What libzmq has taken since the start. */
  readonly sent = { events: 0, bytes: 0, batches: 0 };

  /** @param turns flushes by {@link pump} */
  constructor(
    private readonly outbox: Outbox,
    private readonly turns: TurnScheduler,
    private readonly options: SenderOptions,
  ) {
    this.maxFrameBytes = options.limits.maxFrameBytes;
    this.denied = new DeniedHandshakes(options, () => this.onPeersChanged());
  }

  get state(): LinkState {
    return this.currentState;
  }

  /** Handshakes that failed, since the start. */
  get deniedCount(): number {
    return this.denied.count;
  }

  /** Why the last handshake over keys failed; undefined once one succeeds. */
  get denial(): DenialReason | undefined {
    return this.denied.current;
  }

  /**
   * Why a server refuses this client, for people: the server's words, or what the handshake showed; undefined while none does.
   */
  get refusalText(): string | undefined {
    if (this.currentState !== 'refused') {
      return undefined;
    }
    const byServer = this.dealers.find(({ isRefused }) => isRefused)?.handshake.refusalText;
    return byServer ?? (this.denial && explainToClient(this.denial));
  }

  get openSockets(): readonly PeerSocket[] {
    return this.sockets;
  }

  get peers(): number {
    return this.sockets.reduce((sum, { peers }) => sum + peers, 0);
  }

  /** Peers that connected after a loss, since the start. */
  get reconnects(): number {
    return this.sockets.reduce((sum, { returns }) => sum + returns, this.returnsOfClosed);
  }

  /** Events that libzmq was given and has not taken yet. */
  get pendingEvents(): number {
    return this.sockets.reduce((sum, socket) => sum + socket.pendingEvents, 0);
  }

  /** The sockets that bring answers; empty for pairs without a way back. */
  get dealers(): readonly DealerSocket[] {
    return this.sockets.filter((socket) => socket instanceof DealerSocket);
  }

  /**
   * Opens the sockets; waits for no peer. Later calls get the same promise, unless it failed.
   * @throws BindFailedError
   */
  open(): Promise<void> {
    this.opening ??= this.openAll().catch((error: unknown) => {
      this.closeAll();
      this.bound.clear();
      if (this.currentState !== 'closed') {
        this.setState('idle');
      }
      throw error;
    });
    return this.opening;
  }

  /**
   * Replaces the open sockets by new ones with the current keys. Waiting events go out over the new sockets. libzmq still sends
   * what it had taken, within the linger, unless the server denied the old keys.
   * @throws BindFailedError
   */
  async renew(): Promise<void> {
    if (this.opening === undefined || this.currentState === 'closed') {
      return;
    }
    await this.opening;
    for (const { socket } of this.sockets) {
      if (this.denied.isDenied(socket)) {
        socket.linger = 0;
      }
    }
    const lost = this.dealers.flatMap(({ unanswered }) => unanswered);
    this.closeAll();
    // A caller that retries now waits for the new sockets.
    this.options.replies.onRequestsLost(lost);
    await this.open();
  }

  /** Call it after each push to a queue. A full batch leaves now, any other by {@link pump} at the end of the turn. */
  notifyQueued(): void {
    // A broadcast without subscribers is dropped and counted at once, before the caller can ask for its outcome.
    if (this.outbox.hasFullBatch || (this.options.pair === 'pub-sub' && this.peers === 0)) {
      this.pump();
    } else if (this.outbox.queuedEvents > 0) {
      this.turns.request();
    }
  }

  /** Sends what may leave. Requests go before acknowledged events, because callers wait for them. */
  pump(): void {
    while (this.outbox.queuedEvents > 0) {
      const socket = this.nextWritable();
      const batch = socket === undefined ? undefined : this.outbox.take();
      if (socket === undefined || batch === undefined) {
        break;
      }
      // Timed here and not when libzmq has taken it: by then the server may have received it, and the stages would overlap.
      if (this.options.onBatchSent !== undefined) batch.handedAtSeconds = epochSeconds();
      socket.write(batch);
    }
    this.options.producer?.pump();
  }

  /** Waits until everything is sent, at most `timeoutMs`; then closes the sockets. */
  async drainAndClose(timeoutMs: number): Promise<ClientDrainReport> {
    const { producer } = this.options;
    if (producer !== undefined) {
      // Waits for a spool that is opening, which would else stay open. Its error goes to the caller that opened it.
      await this.opening?.catch(() => undefined);
    }
    const queued = this.waiting;
    if (queued > 0 && this.sockets.length > 0) {
      this.pump();
      await this.idle.until(timeoutMs);
    }
    const left = producer === undefined ? NOTHING_LEFT : await producer.close();
    const dropped = this.outbox.clear() + this.pendingEvents + left.dropped;
    this.setState('closed');
    this.closeAll();
    this.bound.clear();
    return { queued, delivered: queued - dropped - left.kept, dropped, kept: left.kept };
  }

  onSent(batch: Batch): void {
    batch.onSent();
    this.count(batch.count, batch.bytes, batch.accepted, batch.handedAtSeconds);
    if (this.outbox.queuedEvents > 0) {
      this.notifyQueued();
    }
    this.idle.signal();
  }

  /** libzmq took a batch of acknowledged events. */
  onSpooledSent({ count, bytes, acceptedAtSeconds }: SpooledBatch): void {
    this.count(count, bytes, [{ atSeconds: acceptedAtSeconds, events: count }], epochSeconds());
  }

  /** Acknowledged delivery reports that something may leave, or that everything has. */
  onAcknowledgementProgress(): void {
    this.pump();
    this.idle.signal();
  }

  onUnsent(batch: Batch): void {
    if (this.currentState === 'closed') {
      batch.fail(new EventDroppedError('the client closed before the event could be sent'));
      return;
    }
    this.outbox.restore(batch);
    this.notifyQueued();
  }

  onUnwanted(batch: Batch): void {
    batch.fail(new EventDroppedError('no peer had subscribed to its topic'));
    this.options.onUnwanted(batch.count);
    this.idle.signal();
  }

  onBroken(error: unknown): void {
    if (this.currentState !== 'closed') {
      this.options.onBroken(error);
      this.onPeersChanged();
    }
  }

  /** Replaces a socket that connects by another one. When zeromq.js throws, the old socket stays. */
  onSilent(socket: PeerSocket): boolean {
    const addresses = this.addresses.get(socket);
    if (addresses !== undefined) {
      try {
        this.connect(addresses, 1);
      } catch (error) {
        this.options.onBroken(error);
        return false;
      }
      this.close(socket);
    }
    this.onPeersChanged();
    return true;
  }

  onPeersChanged(): void {
    if (this.currentState === 'closed' || this.sockets.length === 0) {
      return;
    }
    this.keepToPeers();
    const hasPeer = this.peers > 0;
    this.hadPeer ||= hasPeer;
    this.setState(hasPeer ? 'connected' : this.stateWithoutPeer());
    this.pump();
  }

  /** A server rejects the whole of a frame that is too large for it, and never answers the requests in it. */
  private keepToPeers(): void {
    this.options.limits.maxFrameBytes = Math.min(
      this.maxFrameBytes,
      ...this.dealers.map(({ maxFrameBytes }) => maxFrameBytes),
    );
  }

  private stateWithoutPeer(): LinkState {
    if (this.denial !== undefined || this.sockets.some(({ isRefused }) => isRefused)) {
      return 'refused';
    }
    return this.hadPeer ? 'disconnected' : 'connecting';
  }

  private get waiting(): number {
    return this.outbox.queuedEvents + this.pendingEvents + (this.options.producer?.unacknowledged ?? 0);
  }

  private count(events: number, bytes: number, accepted: BatchSent['accepted'], sentAtSeconds: number): void {
    this.sent.events += events;
    this.sent.bytes += bytes;
    this.sent.batches += 1;
    this.options.onBatchSent?.({ events, accepted, sentAtSeconds });
  }

  private nextWritable(): PeerSocket | undefined {
    const { length } = this.sockets;
    for (let step = 0; step < length; step += 1) {
      const index = (this.turn + step) % length;
      const socket = this.sockets[index];
      if (socket?.isWritable === true) {
        this.turn = index + 1;
        return socket;
      }
    }
    return undefined;
  }

  private async openAll(): Promise<void> {
    this.hadPeer = false;
    this.setState('connecting');
    const { producer, endpoints, pair } = this.options;
    if (producer !== undefined) {
      await producer.open();
    }
    const { role, addresses } = endpoints;
    if (role === 'bind') {
      await this.bind(addresses);
    } else {
      // A broadcast must be one socket; the others keep peers apart.
      const groups = pair === 'pub-sub' ? [addresses] : addresses.map((address) => [address]);
      groups.forEach((group) => this.connect(group));
    }
    this.onPeersChanged();
  }

  private connect(addresses: readonly string[], lostPeers = 0): void {
    const socket = this.add(addresses, lostPeers);
    for (const address of addresses) {
      prepareFor(socket.socket, address);
      socket.socket.connect(address);
    }
    socket.onOpened();
  }

  private async bind(addresses: readonly string[]): Promise<void> {
    const socket = this.add(addresses);
    for (const address of addresses) {
      await this.bindTo(socket.socket, address);
    }
    socket.onOpened();
  }

  private async bindTo(socket: Socket, address: string): Promise<void> {
    const again = this.bound.get(address);
    if (again === undefined) {
      this.bound.set(address, await bindFirst(socket, address));
    } else {
      await bindAgain(socket, again);
    }
  }

  private add(addresses: readonly string[], lostPeers = 0): PeerSocket {
    const { settings, security, endpoints } = this.options;
    const socket = this.create({
      ...settings,
      socket: { ...settings.socket, ...security.settings() },
      inprocOnly: addresses.every((address) => address.startsWith('inproc://')),
      lostPeers,
      // A socket that binds can only wait for its peer to connect again.
      heartbeatIntervalMs: endpoints.role === 'connect' ? settings.heartbeatIntervalMs : 0,
    });
    this.sockets = [...this.sockets, socket];
    this.addresses.set(socket, addresses);
    this.denied.follow(socket.socket, addresses);
    watchIpcAccess(socket.socket, addresses, this.options.logger);
    return socket;
  }

  private create(settings: PeerSocketSettings): PeerSocket {
    const { pair, codec, replies, producer } = this.options;
    switch (pair) {
      case 'push-pull':
        return new PushSocket(settings, codec, this);
      case 'pub-sub':
        return new PublishSocket(settings, codec, this);
      case 'dealer-router':
        return new DealerSocket(settings, codec, this, replies, producer);
    }
  }

  private closeAll(): void {
    this.opening = undefined;
    for (const socket of this.sockets) {
      this.close(socket);
    }
  }

  private close(socket: PeerSocket): void {
    this.sockets = this.sockets.filter((other) => other !== socket);
    this.addresses.delete(socket);
    this.denied.unfollow(socket.socket);
    this.returnsOfClosed += socket.returns;
    socket.close();
  }

  private setState(state: LinkState): void {
    if (state !== this.currentState) {
      this.currentState = state;
      this.options.onStateChange(state);
    }
  }
}
