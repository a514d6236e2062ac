import type { MessageLike, Router } from 'zeromq';
import { type Codec, TurnScheduler } from '@app/transport-core';
import { kindFrame, PONG, REPLIES } from '../../wire/frames.js';

/** How long a peer that does not read is left alone before its answers are tried again. */
const RETRY_MS = 20;
/** Most answers in one message. */
const MAX_BATCH = 256;
/** Most bytes of answers in one message, or one answer: libzmq keeps whole messages for a peer that does not read. */
const MAX_BATCH_BYTES = 256 * 1024;
/** What an answer takes in memory beside its own bytes: answers of a few bytes must be bounded too. */
const REPLY_OVERHEAD_BYTES = 128;
/** Most control messages that wait for one peer. An honest one has a few PINGs and one HELLO on their way. */
const MAX_CONTROLS = 32;

interface WaitingReply {
  readonly part: unknown;
  readonly bytes: number;
}

interface WaitingControl {
  readonly message: MessageLike[];
  /** Told whether the peer is there. */
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
}

export interface ReplyOutboxOptions {
  readonly socket: Router;
  readonly codec: Codec;
  /** Most bytes of answers that wait for one peer. */
  readonly maxBytesPerPeer: number;
  /** Answers that were thrown away: their peer is gone, or reads too slowly. */
  readonly onDropped: (reason: 'peer_gone' | 'peer_slow', replies: number) => void;
  /** Nobody has this identity any more. */
  readonly onPeerGone: (identity: Buffer) => void;
  /** What there is to acknowledge to a peer when its turn comes: ACKs that wait replace each other. */
  readonly ackFor: (identity: Buffer) => DueAck | undefined;
}

/** The frames of an ACK, and what to do once they have left. */
export interface DueAck {
  readonly frames: MessageLike[];
  readonly onSent: () => void;
}

/**
 * Answers on their way back: one writer for the socket, a bounded queue for each peer. A peer that does not read fills
 * its own queue and nobody else's. Answers that wait leave together in one message.
 */
export class ReplyOutbox {
  private readonly peers = new Map<string, WaitingPeer>();
  private readonly turns = new TurnScheduler(() => void this.flush());
  private flushing = false;
  private closed = false;
  private retry: NodeJS.Timeout | undefined;
  private onEmpty: (() => void)[] = [];

  constructor(private readonly options: ReplyOutboxOptions) {
    // A slow peer must be an error at once, not a send that keeps the socket from the others.
    options.socket.sendTimeout = 0;
  }

  /** @returns false when the peer's queue is full and the answer was dropped. */
  push(identity: Buffer, part: unknown, bytes: number): boolean {
    const peer = this.peer(identity);
    const kept = bytes + REPLY_OVERHEAD_BYTES;
    if (peer.bytes + kept > this.options.maxBytesPerPeer && peer.replies.length > 0) {
      this.options.onDropped('peer_slow', 1);
      return false;
    }
    peer.replies.push({ part, bytes: kept });
    peer.bytes += kept;
    this.turns.request();
    return true;
  }

  control(identity: Buffer, kind: number, payload: Buffer): undefined {
    this.pushControl(identity, { message: [identity, kindFrame(kind), payload] });
  }

  /** Something is to be acknowledged to this peer. */
  acknowledge(identity: Buffer): void {
    this.peer(identity).ackDue = true;
    this.turns.request();
  }

  /** Says again that a session cannot go on. `frame` is a whole RESYNC. */
  resync(identity: Buffer, frame: Buffer): undefined {
    this.pushControl(identity, { message: [identity, frame] });
  }

  /** Whether a peer is still connected: an empty PONG, which nobody waits for, tells. A peer that reads slowly is there. */
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
    return this.peers.size === 0 ? Promise.resolve() : new Promise((resolve) => this.onEmpty.push(resolve));
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.peers.clear();
  }

  private async flush(): Promise<void> {
    if (this.flushing || this.closed) {
      return;
    }
    this.flushing = true;
    for (const [key, peer] of this.peers) {
      if (!peer.blocked) {
        await this.flushPeer(key, peer);
      }
    }
    this.flushing = false;
    this.afterFlush();
  }

  private afterFlush(): void {
    if (this.peers.size === 0) {
      for (const resolve of this.onEmpty.splice(0)) {
        resolve();
      }
      return;
    }
    let blocked = false;
    let waiting = false;
    for (const peer of this.peers.values()) {
      blocked ||= peer.blocked;
      waiting ||= !peer.blocked;
    }
    if (waiting) {
      this.turns.request();
    }
    if (blocked && this.retry === undefined && !this.closed) {
      this.retry = setTimeout(() => this.unblock(), RETRY_MS);
    }
  }

  private unblock(): void {
    this.retry = undefined;
    for (const peer of this.peers.values()) {
      peer.blocked = false;
    }
    void this.flush();
  }

  /** Sends one message: a control, else an ACK, else the answers that wait. */
  private async flushPeer(key: string, peer: WaitingPeer): Promise<void> {
    const control = peer.controls[0];
    const ack = control === undefined && peer.ackDue ? this.options.ackFor(peer.identity) : undefined;
    const batch = control === undefined && ack === undefined ? nextBatch(peer.replies) : [];
    if (control === undefined) {
      // Before the wait: what is handled meanwhile is due again.
      peer.ackDue = false;
    }
    try {
      if (control !== undefined) {
        await this.options.socket.send(control.message);
      } else if (ack !== undefined) {
        await this.options.socket.send([peer.identity, ...ack.frames]);
      } else if (batch.length > 0) {
        await this.options.socket.send(this.repliesMessage(peer.identity, batch));
      }
    } catch (error) {
      peer.ackDue ||= ack !== undefined;
      this.onSendFailed(key, peer, (error as { code?: unknown }).code);
      return;
    }
    if (control !== undefined) {
      peer.controls.shift();
      control.onKnown?.(true);
    } else {
      ack?.onSent();
      peer.replies.splice(0, batch.length);
      peer.bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    if (peer.replies.length === 0 && peer.controls.length === 0 && !peer.ackDue) {
      this.peers.delete(key);
    }
  }

  private repliesMessage(identity: Buffer, batch: readonly WaitingReply[]): MessageLike[] {
    return [identity, kindFrame(REPLIES), this.options.codec.join(batch.map(({ part }) => part))];
  }

  private onSendFailed(key: string, peer: WaitingPeer, code: unknown): void {
    const isThere = code === 'EAGAIN';
    for (const { onKnown } of peer.controls) {
      onKnown?.(isThere);
    }
    // Who asked whether the peer is there knows it now: the questions need not wait until it reads.
    peer.controls = peer.controls.filter(({ onKnown }) => onKnown === undefined);
    if (isThere && !this.closed) {
      peer.blocked = true;
      return;
    }
    this.peers.delete(key);
    if (!this.closed) {
      this.options.onDropped('peer_gone', peer.replies.length);
      this.options.onPeerGone(peer.identity);
    }
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
      peer = { identity, replies: [], controls: [], ackDue: false, bytes: 0, blocked: false };
      this.peers.set(key, peer);
    }
    return peer;
  }
}

function nextBatch(replies: readonly WaitingReply[]): readonly WaitingReply[] {
  let count = 0;
  let bytes = 0;
  for (const reply of replies) {
    bytes += reply.bytes;
    if (count === MAX_BATCH || (count > 0 && bytes > MAX_BATCH_BYTES)) {
      break;
    }
    count += 1;
  }
  return replies.slice(0, count);
}

let lastIdentity: Buffer | undefined;
let lastKey = '';

/** Identities are bytes; latin1 keeps each of them apart. */
export function keyOf(identity: Buffer): string {
  // A request asks for its peer's key several times in a row.
  if (identity !== lastIdentity) {
    lastIdentity = identity;
    lastKey = identity.toString('latin1');
  }
  return lastKey;
}
