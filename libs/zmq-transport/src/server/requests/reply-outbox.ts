import type { MessageLike, Router } from 'zeromq';
import type { Codec } from '../../codec/codec.interface.js';
import { kindFrame, REPLIES } from '../../wire/frame-kind.js';
import { TurnScheduler } from '../../wire/turn-scheduler.js';

/** How long a peer that does not read is left alone before its answers are tried again. */
const RETRY_MS = 20;
/** Most answers in one message. */
const MAX_BATCH = 256;

interface WaitingReply {
  readonly part: unknown;
  readonly bytes: number;
}

interface WaitingPeer {
  readonly identity: Buffer;
  readonly replies: WaitingReply[];
  readonly controls: MessageLike[][];
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
    if (peer.bytes + bytes > this.options.maxBytesPerPeer && peer.replies.length > 0) {
      this.options.onDropped('peer_slow', 1);
      return false;
    }
    peer.replies.push({ part, bytes });
    peer.bytes += bytes;
    this.turns.request();
    return true;
  }

  control(identity: Buffer, kind: number, payload: Buffer): undefined {
    const peer = this.peer(identity);
    if (peer.controls.length < MAX_BATCH) {
      peer.controls.push([identity, kindFrame(kind), payload]);
      this.turns.request();
    }
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
        this.turns.flushed();
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

  private async flushPeer(key: string, peer: WaitingPeer): Promise<void> {
    const control = peer.controls[0];
    const batch = control === undefined ? peer.replies.slice(0, MAX_BATCH) : [];
    const message = control ?? this.repliesMessage(peer.identity, batch);
    try {
      await this.options.socket.send(message);
    } catch (error) {
      this.onSendFailed(key, peer, (error as { code?: unknown }).code);
      return;
    }
    if (control === undefined) {
      peer.replies.splice(0, batch.length);
      peer.bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    } else {
      peer.controls.shift();
    }
    if (peer.replies.length === 0 && peer.controls.length === 0) {
      this.peers.delete(key);
    }
  }

  private repliesMessage(identity: Buffer, batch: readonly WaitingReply[]): MessageLike[] {
    return [identity, kindFrame(REPLIES), this.options.codec.join(batch.map(({ part }) => part))];
  }

  private onSendFailed(key: string, peer: WaitingPeer, code: unknown): void {
    if (code === 'EAGAIN' && !this.closed) {
      peer.blocked = true;
      return;
    }
    this.peers.delete(key);
    if (!this.closed) {
      this.options.onDropped('peer_gone', peer.replies.length);
      this.options.onPeerGone(peer.identity);
    }
  }

  private peer(identity: Buffer): WaitingPeer {
    const key = keyOf(identity);
    let peer = this.peers.get(key);
    if (peer === undefined) {
      peer = { identity, replies: [], controls: [], bytes: 0, blocked: false };
      this.peers.set(key, peer);
    }
    return peer;
  }
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
