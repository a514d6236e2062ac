import type { Codec } from '@app/transport-core';
import type { LoggerService } from '@nestjs/common';
import type { OutboundDelivery } from '../../acknowledged/producer/outbound-delivery.js';
import type { ClientSecurity } from '../../curve/client-security.js';
import type { RefusalReason } from '../../curve/refusal.js';
import type { ResolvedEndpoints } from '../../sockets/endpoints.js';
import { watchIpcAccess } from '../../sockets/ipc-access.js';
import type { SocketPair } from '../../zmq.options.js';
import { DealerLane, type ReplyListener } from './dealer.lane.js';
import { LaneBinder } from './lane-binder.js';
import { LaneRefusals } from './lane-refusals.js';
import { createLane, hasLanePerAddress } from './lane.factory.js';
import type { Lane, LaneListener, LaneSettings } from './lane.js';
import { LaneTurns } from './lane.turns.js';

export interface LanesOptions {
  readonly pair: SocketPair;
  readonly endpoints: ResolvedEndpoints;
  readonly settings: Omit<LaneSettings, 'inprocOnly' | 'lostPeers'>;
  readonly security: ClientSecurity;
  readonly codec: Codec;
  readonly replies: ReplyListener;
  /** Acknowledged delivery of events; the outbox then carries requests only. */
  readonly delivery: OutboundDelivery | undefined;
  readonly logger: Pick<LoggerService, 'warn'>;
}

/** The open sockets of a client: one for each address it connects to, or one for all that it binds or broadcasts to. */
export class Lanes {
  private open: Lane[] = [];
  private readonly addresses = new Map<Lane, readonly string[]>();
  private readonly binder = new LaneBinder();
  private readonly refusals: LaneRefusals;
  private readonly turns = new LaneTurns();
  private returnsOfClosed = 0;

  constructor(
    private readonly options: LanesOptions,
    private readonly listener: LaneListener,
  ) {
    this.refusals = new LaneRefusals(options, () => listener.onPeersChanged());
  }

  get list(): readonly Lane[] {
    return this.open;
  }

  /** The lanes that can answer; none for pairs without a way back. */
  get dealers(): readonly DealerLane[] {
    return this.open.filter((lane) => lane instanceof DealerLane);
  }

  get peers(): number {
    return this.open.reduce((sum, lane) => sum + lane.peers, 0);
  }

  /** Peers that came after one had been lost, since the start. */
  get returns(): number {
    return this.open.reduce((sum, lane) => sum + lane.returns, this.returnsOfClosed);
  }

  /** Packets that libzmq has been given and has not taken yet. */
  get pendingEvents(): number {
    return this.open.reduce((sum, lane) => sum + lane.pendingEvents, 0);
  }

  /** Failed handshakes, since the start. */
  get refusalCount(): number {
    return this.refusals.count;
  }

  /** Why the last handshake failed, over keys; undefined while none does. */
  get refusal(): RefusalReason | undefined {
    return this.refusals.current;
  }

  /** Whether a server is there and will have nothing of this client. */
  get isRefused(): boolean {
    return this.refusal !== undefined || this.open.some((lane) => lane.isRefused);
  }

  /** The lane whose turn it is, of those that can take a message. */
  next(): Lane | undefined {
    return this.turns.take(this.open);
  }

  /** @returns undefined when all are open: to connect takes no turn. @throws BindFailedError */
  openAll(): Promise<void> | undefined {
    const { pair, endpoints } = this.options;
    const { role, addresses } = endpoints;
    if (role === 'bind') {
      return this.bind(addresses);
    }
    const isApart = hasLanePerAddress(pair);
    for (const group of isApart ? addresses.map((address) => [address]) : [addresses]) {
      this.connect(group);
    }
    return undefined;
  }

  /** Connects another lane in the place of one that had connected. What zeromq.js throws leaves that one as it is. */
  replace(lane: Lane): void {
    const addresses = this.addresses.get(lane);
    if (addresses !== undefined) {
      this.connect(addresses, 1);
      this.close(lane);
    }
  }

  /** What libzmq has taken it still sends, within the linger, unless these keys were refused. */
  closeRefusedAtOnce(): void {
    for (const { socket } of this.open) {
      if (this.refusals.isRefused(socket)) {
        socket.linger = 0;
      }
    }
  }

  closeAll(): void {
    for (const lane of this.open) {
      this.close(lane);
    }
  }

  /** The next sockets may get other ports. */
  forgetAddresses(): void {
    this.binder.forget();
  }

  private connect(addresses: readonly string[], lostPeers = 0): void {
    const lane = this.add(addresses, lostPeers);
    for (const address of addresses) {
      lane.socket.connect(address);
    }
    lane.onOpened();
  }

  private async bind(addresses: readonly string[]): Promise<void> {
    const lane = this.add(addresses);
    for (const address of addresses) {
      await this.binder.bind(lane.socket, address);
    }
    lane.onOpened();
  }

  private add(addresses: readonly string[], lostPeers = 0): Lane {
    const inprocOnly = addresses.every((address) => address.startsWith('inproc://'));
    const { pair, settings, codec, replies, delivery, security } = this.options;
    const socket = { ...settings.socket, ...security.settings() };
    // Who has bound can only wait for its peer to connect again.
    const heartbeatIntervalMs = this.options.endpoints.role === 'connect' ? settings.heartbeatIntervalMs : 0;
    const lane = createLane(
      pair,
      { ...settings, socket, inprocOnly, lostPeers, heartbeatIntervalMs },
      codec,
      this.listener,
      replies,
      delivery,
    );
    this.open = [...this.open, lane];
    this.addresses.set(lane, addresses);
    this.refusals.follow(lane.socket, addresses);
    watchIpcAccess(lane.socket, addresses, this.options.logger);
    return lane;
  }

  private close(lane: Lane): void {
    this.open = this.open.filter((other) => other !== lane);
    this.addresses.delete(lane);
    this.refusals.unfollow(lane.socket);
    this.returnsOfClosed += lane.returns;
    lane.close();
  }
}
