import type { MessageLike, Router } from 'zeromq';
import { type Codec, type EncodedValue, IdleWait, TurnScheduler } from '@app/transport-core';
import type { DueAck } from '../acknowledged/consumer/consumer.js';
import { kindFrame, PONG, READY, REPLIES } from '../wire/frames.js';
import { encodeReady, type SessionGrant, USUAL_MESSAGE_BYTES } from '../wire/greeting.js';

/** How long to wait before sending again to a peer that does not read, or over a socket that is busy with its addresses. */
const RETRY_MS = 20;
/** Most answers in one message. */
const MAX_BATCH = 256;
/** Most bytes of answers in one message, or one answer: libzmq keeps whole messages for a peer that does not read. */
const MAX_BATCH_BYTES = 256 * 1024;
/** What an answer takes in memory besides its own bytes: it bounds small answers too. */
const REPLY_OVERHEAD_BYTES = 128;
/** Bytes that refusals may take beyond the bound of the answers: they are small, and say why there are no answers. */
const REFUSAL_ROOM_BYTES = 1024 * 1024;
/** Most connections whose announced limits are kept; beyond that, the one that announced first gets the usual limit. */
const MAX_KNOWN_LIMITS = 4096;
/** Most control messages that wait for one peer. An honest one has a few PINGs and one HELLO on their way. */
const MAX_CONTROLS = 32;

const NOTHING_TO_DO = (): void => undefined;

interface WaitingReply {
  readonly part: unknown;
  readonly bytes: number;
}

interface WaitingControl {
  readonly message: MessageLike[];
  /** Called with whether the peer is there. */
  readonly onKnown?: (isThere: boolean) => void;
}

interface WaitingPeer {
  readonly identity: Buffer;
  readonly replies: WaitingReply[];
  controls: WaitingControl[];
  /** Something is to be acknowledged. */
  ackDue: boolean;
  bytes: number;
  blocked: boolean;
  /** libzmq was given a message and has not said yet whether it took it. */
  sending: boolean;
}

export interface ReplyOutboxOptions {
  readonly socket: Router;
  readonly codec: Codec;
  /** Largest payload that the server reads, in bytes; it tells clients. */
  readonly maxFrameBytes: number;
  /** Most bytes of answers that wait for one peer. */
  readonly maxBytesPerPeer: number;
  /** Called when answers are dropped: their peer is gone, or reads too slowly. */
  readonly onDropped: (replies: number) => void;
  /** The peer with this identity is gone. */
  readonly onPeerGone: (identity: Buffer) => void;
  /** The ACK for a peer, asked for when the peer's turn comes: a newer ACK replaces one that waits. */
  readonly ackFor: (identity: Buffer) => DueAck | undefined;
}

/**
 * All that goes back to clients (control messages, ACKs, and answers to requests): one writer for the socket, a bounded
 * queue for each peer. A peer that does not read fills its own queue and nobody else's. Answers that wait leave together
 * in one message.
 */
export class ReplyOutbox {
  private readonly peers = new Map<string, WaitingPeer>();
  private readonly turns = new TurnScheduler(() => this.flush());
  /** Message limits that connections announced, by identity, where they differ from the usual one. */
  private readonly limits = new Map<string, number>();
  private closed = false;
  private retry: NodeJS.Timeout | undefined;
  private readonly idle = new IdleWait(() => this.peers.size === 0);

  constructor(private readonly options: ReplyOutboxOptions) {
    // A send to a slow peer must fail at once and not block the socket for the others.
    options.socket.sendTimeout = 0;
  }

  /** A connection announces the largest message that it takes, in bytes. */
  announce(identity: Buffer, maxMessageBytes: number): void {
    const key = keyOf(identity);
    this.limits.delete(key);
    if (maxMessageBytes !== USUAL_MESSAGE_BYTES) {
      this.limits.set(key, maxMessageBytes);
      if (this.limits.size > MAX_KNOWN_LIMITS) {
        const [oldest] = this.limits.keys();
        this.limits.delete(oldest ?? '');
      }
    }
  }

  /** The largest message that a peer takes, in bytes. */
  largestMessage(identity: Buffer): number {
    return this.limits.size === 0
      ? USUAL_MESSAGE_BYTES
      : (this.limits.get(keyOf(identity)) ?? USUAL_MESSAGE_BYTES);
  }

  /** Whether an answer of `bytes` fits. An empty queue takes any answer. */
  hasRoomFor(identity: Buffer, bytes: number): boolean {
    const peer = this.peers.get(keyOf(identity));
    return peer === undefined || this.fits(peer, bytes, this.options.maxBytesPerPeer);
  }

  /** Takes an answer, or the end of a request, without checking the bound: each request ends once. */
  push(identity: Buffer, part: unknown, bytes: number): void {
    const peer = this.peer(identity);
    const kept = bytes + REPLY_OVERHEAD_BYTES;
    peer.replies.push({ part, bytes: kept });
    peer.bytes += kept;
    this.turns.request();
  }

  /** Takes the refusal of a request that was not started; a peer can cause any number of these. */
  pushRefusal(identity: Buffer, { part, bytes }: EncodedValue<unknown>): void {
    if (this.fits(this.peer(identity), bytes, this.options.maxBytesPerPeer + REFUSAL_ROOM_BYTES)) {
      this.push(identity, part, bytes);
    } else {
      this.options.onDropped(1);
    }
  }

  control(identity: Buffer, kind: number, payload: Buffer): undefined {
    this.pushControl(identity, { message: [identity, kindFrame(kind), payload] });
  }

  /** Answers READY. @param grant the session that it opens for a producer */
  ready(identity: Buffer, grant?: SessionGrant): undefined {
    this.control(identity, READY, Buffer.from(encodeReady(grant, this.options.maxFrameBytes)));
  }

  /** An ACK is due to this peer. */
  acknowledge(identity: Buffer): void {
    this.peer(identity).ackDue = true;
    this.turns.request();
  }

  /** Sends RESYNC: the session has ended. `frame` is a whole RESYNC. */
  resync(identity: Buffer, frame: Buffer): undefined {
    this.pushControl(identity, { message: [identity, frame] });
  }

  /**
   * Finds out whether a peer is still connected by sending it an empty PONG that nobody expects. A peer that reads slowly is
   * there.
   */
  isThere(identity: Buffer): Promise<boolean> {
    return new Promise((onKnown) => {
      const message = [identity, kindFrame(PONG), Buffer.alloc(0)];
      this.peer(identity).controls.push({ message, onKnown });
      this.turns.request();
    });
  }

  /** Answers that wait for a peer. */
  waitingFor(identity: Buffer): number {
    return this.peers.get(keyOf(identity))?.replies.length ?? 0;
  }

  untilEmpty(): Promise<void> {
    return this.idle.until();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.peers.clear();
  }

  private flush(): void {
    if (this.closed) {
      return;
    }
    for (const [key, peer] of this.peers) {
      if (!peer.blocked && !peer.sending) {
        this.flushPeer(key, peer);
      }
    }
  }

  private unblock(): void {
    this.retry = undefined;
    for (const peer of this.peers.values()) {
      peer.blocked = false;
    }
    this.flush();
  }

  /** Sends one message: a control, else an ACK, else the answers that wait. */
  private flushPeer(key: string, peer: WaitingPeer): void {
    const { identity, controls } = peer;
    const control = controls[0];
    const ack = control === undefined && peer.ackDue ? this.options.ackFor(identity) : undefined;
    if (control !== undefined) {
      this.send(key, peer, control.message, () => {
        controls.shift();
        control.onKnown?.(true);
      });
      return;
    }
    // Reset before the wait: what is handled meanwhile makes an ACK due again.
    peer.ackDue = false;
    if (ack !== undefined) {
      this.send(key, peer, [identity, ...ack.frames], ack.onSent, () => (peer.ackDue = true));
    } else if (peer.replies.length > 0) {
      const { count, bytes } = this.nextBatch(peer);
      const parts = peer.replies.slice(0, count).map(({ part }) => part);
      this.send(key, peer, [identity, kindFrame(REPLIES), this.options.codec.join(parts)], () => {
        peer.replies.splice(0, count);
        peer.bytes -= bytes;
      });
    } else {
      this.afterSend(key, peer);
    }
  }

  private send(
    key: string,
    peer: WaitingPeer,
    message: MessageLike[],
    onSent: () => void,
    onUnsent: () => void = NOTHING_TO_DO,
  ): void {
    peer.sending = true;
    let taken: Promise<void>;
    try {
      // Throws synchronously, where its documentation says that it rejects.
      taken = this.options.socket.send(message);
    } catch (error) {
      taken = Promise.reject(error as Error);
    }
    taken.then(
      () => {
        peer.sending = false;
        onSent();
        this.afterSend(key, peer);
      },
      (error: unknown) => {
        peer.sending = false;
        onUnsent();
        this.onSendFailed(key, peer, (error as { code?: unknown }).code);
      },
    );
  }

  private afterSend(key: string, peer: WaitingPeer): void {
    if (peer.replies.length > 0 || peer.controls.length > 0 || peer.ackDue) {
      this.turns.request();
    } else {
      this.remove(key);
    }
  }

  private remove(key: string): void {
    this.peers.delete(key);
    this.idle.signal();
  }

  private onSendFailed(key: string, peer: WaitingPeer, code: unknown): void {
    if (code === 'EBUSY') {
      // The socket is being bound or unbound, which says nothing about the peer.
      this.sendLater(peer);
      return;
    }
    const isThere = code === 'EAGAIN';
    for (const { onKnown } of peer.controls) {
      onKnown?.(isThere);
    }
    // This send has shown whether the peer is there: that question need not wait until the peer reads.
    peer.controls = peer.controls.filter(({ onKnown }) => onKnown === undefined);
    if (isThere) {
      this.sendLater(peer);
      return;
    }
    if (this.closed) {
      return;
    }
    this.limits.delete(key);
    this.options.onDropped(peer.replies.length);
    this.options.onPeerGone(peer.identity);
    this.remove(key);
  }

  private sendLater(peer: WaitingPeer): void {
    peer.blocked = true;
    if (!this.closed) {
      this.retry ??= setTimeout(() => this.unblock(), RETRY_MS);
    }
  }

  /** Answers that leave together: no more than the peer takes in one message, or than libzmq may keep for it. */
  private nextBatch({ identity, replies }: WaitingPeer): { readonly count: number; readonly bytes: number } {
    const most = Math.min(MAX_BATCH_BYTES, this.largestMessage(identity));
    let count = 0;
    let bytes = 0;
    for (const reply of replies) {
      if (count === MAX_BATCH || (count > 0 && bytes + reply.bytes > most)) {
        break;
      }
      bytes += reply.bytes;
      count += 1;
    }
    return { count, bytes };
  }

  private fits({ bytes, replies }: WaitingPeer, more: number, most: number): boolean {
    return replies.length === 0 || bytes + more + REPLY_OVERHEAD_BYTES <= most;
  }

  private pushControl(identity: Buffer, control: WaitingControl): void {
    const peer = this.peer(identity);
    if (peer.controls.length < MAX_CONTROLS) {
      peer.controls.push(control);
      this.turns.request();
    }
  }

  private peer(identity: Buffer): WaitingPeer {
    const key = keyOf(identity);
    let peer = this.peers.get(key);
    if (peer === undefined) {
      peer = { identity, replies: [], controls: [], ackDue: false, bytes: 0, blocked: false, sending: false };
      this.peers.set(key, peer);
    }
    return peer;
  }
}

let lastIdentity: Buffer | undefined;
let lastKey = '';

/** Identities are bytes; latin1 keeps each of them apart. */
export function keyOf(identity: Buffer): string {
  // Cached: a request needs its peer's key several times in a row.
  if (identity !== lastIdentity) {
    lastIdentity = identity;
    lastKey = identity.toString('latin1');
  }
  return lastKey;
}
