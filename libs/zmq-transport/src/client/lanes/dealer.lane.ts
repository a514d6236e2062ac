import { Dealer, type MessageLike } from 'zeromq';
import type { Codec } from '../../codec/codec.interface.js';
import { PeerMonitor } from '../../socket/peer-monitor.js';
import {
  CANCEL,
  HELLO,
  kindFrame,
  kindOf,
  PACKETS,
  PING,
  PONG,
  PROTOCOL_VERSION,
  READY,
  REFUSED,
  REPLIES,
} from '../../wire/frame-kind.js';
import type { Batch } from '../outbox.js';
import { Lane, type LaneListener } from './lane.js';
import type { LaneSettings } from './lane.factory.js';

/** Ids that one CANCEL names; the server reads no longer ones. */
const MAX_CANCELLED_IDS = 4096;

/** What comes back over a DEALER. */
export interface ReplyListener {
  onReplies(frame: Buffer, lane: DealerLane): void;
  /** Whether anybody still waits for the answer. */
  isPending(id: string): boolean;
  onPong(token: string): void;
  /** The server does not speak this version, or refuses this client. */
  onRefused(reason: string): void;
  /** The peer is gone; the answers to these requests will not come. */
  onRequestsLost(ids: readonly string[]): void;
}

/**
 * Talks with a ROUTER. A TCP peer alone is not enough here: the lane is ready once the server has answered HELLO.
 */
export class DealerLane extends Lane {
  private readonly monitor: PeerMonitor;
  private ready = false;
  private readonly outstanding = new Set<string>();

  constructor(
    private readonly settings: LaneSettings,
    private readonly codec: Codec,
    listener: LaneListener,
    private readonly replies: ReplyListener,
  ) {
    const socket = new Dealer({
      ...settings.socket,
      receiveHighWaterMark: settings.socket.sendHighWaterMark,
      maxMessageSize: settings.maxMessageBytes,
    });
    super(socket, listener);
    this.monitor = new PeerMonitor(socket, settings.inprocOnly, {
      onHandshake: () => this.sayHello(),
      onChange: () => this.onPeersChanged(),
    });
    void this.read(socket);
  }

  override get readyPeers(): number {
    return this.ready ? Math.max(1, this.monitor.peers) : 0;
  }

  override get returns(): number {
    return this.monitor.returns;
  }

  /** Asks the server whether it is there and speaks this version; called on each new connection. */
  private sayHello(): void {
    this.sendControl([kindFrame(HELLO), JSON.stringify({ version: PROTOCOL_VERSION })]);
  }

  ping(token: string): void {
    this.sendControl([kindFrame(PING), token]);
  }

  /** Tells the server that nobody waits for these answers, unless they are another lane's. */
  cancel(id: string): void {
    if (this.outstanding.delete(id)) {
      this.sendControl([kindFrame(CANCEL), JSON.stringify([id])]);
    }
  }

  /** What is not answered will not be waited for; the server cannot tell from a lost connection whose it was. */
  override close(): void {
    const ids = [...this.outstanding].slice(0, MAX_CANCELLED_IDS);
    if (ids.length > 0) {
      this.outstanding.clear();
      this.sendControl([kindFrame(CANCEL), JSON.stringify(ids)]);
    }
    super.close();
  }

  /** The last answer to a request has come. */
  settle(id: string): void {
    this.outstanding.delete(id);
  }

  /** An inproc connection has no handshake to wait for. */
  override onOpened(): void {
    if (this.settings.inprocOnly) {
      this.sayHello();
    }
  }

  protected override onRequestsWriting(ids: readonly string[]): void {
    for (const id of ids) {
      this.outstanding.add(id);
      if (!this.replies.isPending(id)) {
        // Given up while it waited in the outbox: the server hears of it right after the request.
        this.cancel(id);
      }
    }
  }

  protected override message(batch: Batch): MessageLike[] {
    return [kindFrame(PACKETS), this.codec.join(batch.parts)];
  }

  private onPeersChanged(): void {
    if (this.monitor.peers === 0) {
      this.ready = false;
      const lost = [...this.outstanding];
      this.outstanding.clear();
      if (lost.length > 0) {
        this.replies.onRequestsLost(lost);
      }
    }
    this.listener.onPeersChanged();
  }

  private async read(socket: Dealer): Promise<void> {
    try {
      // Not `for await`: its iterator takes two more promises a message.
      while (!socket.closed) {
        const [kind, payload] = await socket.receive();
        this.onMessage(kindOf(kind), payload ?? Buffer.alloc(0));
      }
    } catch (error) {
      // A receive that is pending when the socket is closed ends with an error.
      if (!socket.closed) {
        this.fail(error);
      }
    }
  }

  private onMessage(kind: number | undefined, payload: Buffer): void {
    switch (kind) {
      case REPLIES:
        this.replies.onReplies(payload, this);
        break;
      case PONG:
        this.replies.onPong(payload.toString());
        break;
      case READY:
        this.ready = true;
        this.listener.onPeersChanged();
        break;
      case REFUSED:
        this.replies.onRefused(payload.toString('utf8', 0, 1000));
        break;
      default:
      // A newer server may say more than this client knows; that is not an error.
    }
  }
}
