import { Dealer, type MessageLike } from 'zeromq';
import type { Codec, Batch } from '@app/transport-core';
import type { AcknowledgedProducer } from '../acknowledged/producer/producer.js';
import { PeerUnreachableError } from '../errors.js';
import { PeerMonitor } from '../sockets/peer-monitor.js';
import {
  ACK,
  CANCEL,
  decodeAck,
  decodeFailures,
  decodeResync,
  type DeliverHeader,
  encodeDeliver,
  HELLO,
  kindFrame,
  kindOf,
  PACKETS,
  PING,
  PONG,
  READY,
  REFUSED,
  REPLIES,
  RESYNC,
} from '../wire/frames.js';
import { decodeReady, decodeRefused, encodeHello, frameLimitOf } from '../wire/greeting.js';
import { Handshake } from './handshake.js';
import { PeerSocket, type PeerSocketSettings, type SenderEvents } from './peer-socket.js';
import { Pings } from './pings.js';

/** Most ids that one CANCEL names; the server reads no more. */
const MAX_CANCELLED_IDS = 4096;
/** A server that keeps ending the session must not be asked without a pause. */
const RESYNC_PAUSE_MS = 20;

/** What comes back over a DEALER. */
export interface ReplyListener {
  onReplies(frame: Buffer, socket: DealerSocket): void;
  /** Whether a caller still waits for the answer. */
  isPending(id: string): boolean;
  /** The server does not speak this version, or refuses this client. */
  onRefused(reason: string): void;
  /** The peer is gone; these requests will get no answer. */
  onRequestsLost(ids: readonly string[]): void;
}

/**
 * Talks with a ROUTER. A TCP connection alone is not enough here: the socket is ready once the server has answered HELLO.
 */
export class DealerSocket extends PeerSocket {
  private readonly monitor: PeerMonitor;
  private readonly pings: Pings;
  readonly handshake: Handshake;
  /** Largest payload that the server reads, in bytes; infinite until it has named one. */
  maxFrameBytes = Number.POSITIVE_INFINITY;
  private readonly outstanding = new Set<string>();

  constructor(
    private readonly settings: PeerSocketSettings,
    private readonly codec: Codec,
    events: SenderEvents,
    private readonly replies: ReplyListener,
    private readonly producer: AcknowledgedProducer | undefined,
  ) {
    const socket = new Dealer({
      ...settings.socket,
      receiveHighWaterMark: settings.socket.sendHighWaterMark,
      maxMessageSize: settings.maxMessageBytes,
    });
    super(socket, events);
    const { inprocOnly, lostPeers } = settings;
    this.handshake = new Handshake(
      (onTaken) =>
        this.sendControl(
          [kindFrame(HELLO), encodeHello(producer?.greeting(), settings.maxMessageBytes)],
          onTaken,
        ),
      () => this.hello(),
    );
    this.pings = new Pings({
      intervalMs: settings.heartbeatIntervalMs,
      isAnswerOwed: () =>
        this.outstanding.size > 0 || this.handshake.isAskedAgain || producer?.isAwaitingAck === true,
      send: (token) => this.sendControl([kindFrame(PING), token]),
      onSilence: () => this.onSilence(),
    });
    this.monitor = new PeerMonitor(
      socket,
      inprocOnly,
      { onHandshake: () => this.onHandshake(), onChange: () => this.onPeersChanged() },
      lostPeers,
    );
    void this.read(socket);
  }

  override get readyPeers(): number {
    return this.handshake.isReady ? Math.max(1, this.monitor.peers) : 0;
  }

  override get returns(): number {
    return this.monitor.returns;
  }

  /** Whether the server is there and refuses this client. */
  override get isRefused(): boolean {
    return this.handshake.isRefused;
  }

  private onHandshake(): void {
    // While a closed socket lingers, libzmq keeps its connections going and still reports their events.
    if (!this.socket.closed) {
      this.pings.start();
      this.hello();
    }
  }

  /** Asks the server whether it is there and speaks this version: on each new connection, and when a session has ended. */
  hello(): void {
    if (this.socket.closed) {
      return;
    }
    this.producer?.onSessionLost();
    this.handshake.hello();
  }

  /** Sends a numbered batch; only while {@link isWritable}. */
  sendBatch(header: DeliverHeader, payload: Uint8Array | string, onTaken: () => void): void {
    this.send([encodeDeliver(header), payload], onTaken, () => undefined);
  }

  /** @returns the round trip in seconds. @throws PeerUnreachableError after `timeoutMs` */
  ping(timeoutMs: number): Promise<number> {
    return this.pings.measure(timeoutMs);
  }

  /** Tells callers that wait for the answer to a PING that none will come. */
  failPings(error: Error): void {
    this.pings.failAll(error);
  }

  /** Tells the server that nobody waits for this answer any more, if the request went over this socket. */
  cancel(id: string): void {
    if (this.outstanding.delete(id)) {
      this.sendControl([kindFrame(CANCEL), JSON.stringify([id])]);
    }
  }

  /** Cancels unanswered requests, because the server cannot tell from a lost connection whose it was. */
  override close(): void {
    this.handshake.stopAsking();
    this.pings.stop();
    this.pings.failAll(new PeerUnreachableError('the connection was closed'));
    this.producer?.onSessionLost();
    const ids = [...this.outstanding].slice(0, MAX_CANCELLED_IDS);
    if (ids.length > 0) {
      this.outstanding.clear();
      this.sendControl([kindFrame(CANCEL), JSON.stringify(ids)]);
    }
    super.close();
  }

  /** The last answer to a request arrived. */
  settle(id: string): void {
    this.outstanding.delete(id);
  }

  /** An inproc connection has no handshake to wait for. */
  override onOpened(): void {
    super.onOpened();
    if (this.settings.inprocOnly) {
      this.hello();
    }
  }

  protected override onRequestsWriting(ids: readonly string[]): void {
    for (const id of ids) {
      this.outstanding.add(id);
      if (!this.replies.isPending(id)) {
        // The caller gave it up while it waited in the outbox: the CANCEL goes right behind the request.
        this.cancel(id);
      }
    }
  }

  protected override message(batch: Batch): MessageLike[] {
    if (batch.requestIds.length < batch.count) {
      this.pings.onEvents();
    }
    return [kindFrame(PACKETS), batch.payload(this.codec)];
  }

  /** Ids of the requests without their last answer. */
  get unanswered(): readonly string[] {
    return [...this.outstanding];
  }

  /** The connection is gone: answers will not come. */
  private loseRequests(): void {
    const lost = this.unanswered;
    this.outstanding.clear();
    this.replies.onRequestsLost(lost);
  }

  /** The peer is connected and does not answer: it hangs, or its network does. */
  private onSilence(): void {
    const lost = this.unanswered;
    if (this.events.onSilent(this)) {
      this.replies.onRequestsLost(lost);
    } else {
      this.pings.start();
    }
  }

  private onPeersChanged(): void {
    if (this.socket.closed) {
      return;
    }
    if (this.monitor.peers === 0) {
      this.handshake.lost();
      this.pings.stop();
      this.producer?.onSessionLost();
      this.loseRequests();
    }
    this.events.onPeersChanged();
  }

  private async read(socket: Dealer): Promise<void> {
    try {
      // Not `for await`: its iterator takes two more promises a message.
      while (!socket.closed) {
        const [head, payload] = await socket.receive();
        if (head !== undefined) {
          this.onMessage(head, payload ?? NOTHING);
        }
      }
    } catch (error) {
      // A receive that is pending when the socket closes ends in an error.
      if (!socket.closed) {
        this.fail(error);
      }
    }
  }

  private onMessage(head: Buffer, payload: Buffer): void {
    if (this.socket.closed) {
      return;
    }
    this.pings.heard();
    switch (kindOf(head)) {
      case REPLIES:
        this.replies.onReplies(payload, this);
        break;
      case ACK:
        this.onAck(head, payload);
        break;
      case PONG:
        this.pings.answered(payload.toString());
        break;
      case READY:
        this.onReady(payload);
        break;
      case RESYNC:
        if (this.producer?.onResync(decodeResync(head) ?? '') === true) {
          this.handshake.againIn(RESYNC_PAUSE_MS);
        }
        break;
      case REFUSED:
        this.onRefused(payload);
        break;
      default:
      // A newer server may say more than this client knows; that is not an error.
    }
  }

  private onReady(payload: Buffer): void {
    this.handshake.welcomed();
    this.maxFrameBytes = frameLimitOf(payload);
    const grant = decodeReady(payload);
    if (grant !== undefined && this.producer?.onReady(grant, this) === false) {
      this.refuse('it claims events that this producer never sent', 'ahead');
    }
    this.events.onPeersChanged();
  }

  private onAck(head: Buffer, failures: Buffer): void {
    const ack = decodeAck(head);
    if (ack !== undefined) {
      this.producer?.onAck(ack, failures.length > 0 ? decodeFailures(failures) : []);
    }
  }

  private onRefused(payload: Buffer): void {
    const { code, reason } = decodeRefused(payload);
    this.refuse(reason, code);
    this.events.onPeersChanged();
  }

  private refuse(reason: string, code: string): void {
    this.handshake.refuse(reason, code);
    this.replies.onRefused(this.handshake.refusalText);
  }
}

const NOTHING = Buffer.alloc(0);
