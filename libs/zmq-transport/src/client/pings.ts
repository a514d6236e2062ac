import { performance } from 'node:perf_hooks';
import { PeerUnreachableError } from '../errors.js';
import { HEARTBEATS_UNTIL_GONE } from '../sockets/socket-settings.js';

export interface PingsOptions {
  /** Milliseconds between two heartbeats; 0 for none. */
  readonly intervalMs: number;
  /** Whether the peer owes an answer: only then does its silence matter. */
  readonly isAnswerOwed: () => boolean;
  /** Sends a PING with `token`, which the answer brings back. */
  readonly send: (token: string) => void;
  /** The peer counts as gone; no more heartbeats follow. */
  readonly onSilence: () => void;
}

/** A caller who waits for an answer. */
interface Waiting {
  readonly resolve: (seconds: number) => void;
  readonly reject: (error: Error) => void;
  readonly startMs: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * The PINGs of one connection: those of callers that measure a round trip, and heartbeats, which give up a peer that owes an
 * answer and was silent for {@link HEARTBEATS_UNTIL_GONE} intervals.
 *
 * A peer that handles events in order comes late to a PING behind them, and to give it up would lose what is on its way. So
 * after events, silence does not count until the peer has answered a PING that was sent behind them.
 */
export class Pings {
  private timer: NodeJS.Timeout | undefined;
  private last = 0;
  private silentIntervals = 0;
  /** The first PING sent behind the events; undefined when the peer has taken all events. */
  private behindEvents: number | undefined;
  /**
   * The heartbeat on its way. No second one follows it: TCP would reset a closing connection over answers that nobody reads.
   */
  private heartbeat: number | undefined;
  private readonly waiting = new Map<number, Waiting>();

  constructor(private readonly options: PingsOptions) {}

  /** A new connection began: what the last one owed will not come. */
  start(): void {
    this.silentIntervals = 0;
    this.heartbeat = undefined;
    if (this.options.intervalMs > 0) {
      this.timer ??= setInterval(() => this.onInterval(), this.options.intervalMs).unref();
    }
  }

  /** Ends the heartbeats; callers that wait for an answer go on waiting. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** @returns the round trip in seconds. @throws PeerUnreachableError after `timeoutMs` */
  measure(timeoutMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const token = this.next();
      const timer = setTimeout(() => {
        this.waiting.delete(token);
        reject(new PeerUnreachableError(`no answer to a ping within ${timeoutMs} ms`));
      }, timeoutMs);
      this.waiting.set(token, { startMs: performance.now(), resolve, reject, timer });
      this.options.send(String(token));
    });
  }

  /** Fails all callers that wait for an answer. */
  failAll(error: Error): void {
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.waiting.clear();
  }

  /** The peer sent something. */
  heard(): void {
    this.silentIntervals = 0;
  }

  /** libzmq was given events, which the peer does not answer. */
  onEvents(): void {
    this.behindEvents = this.last + 1;
  }

  /** @param text what came back; a server may send anything */
  answered(text: string): void {
    const token = Number(text);
    if (token === this.heartbeat) {
      this.heartbeat = undefined;
    }
    if (this.behindEvents !== undefined && token >= this.behindEvents) {
      this.behindEvents = undefined;
    }
    const caller = this.waiting.get(token);
    if (caller !== undefined) {
      this.waiting.delete(token);
      clearTimeout(caller.timer);
      caller.resolve((performance.now() - caller.startMs) / 1000);
    }
  }

  private next(): number {
    this.last += 1;
    return this.last;
  }

  private onInterval(): void {
    if (this.behindEvents === undefined && !this.options.isAnswerOwed()) {
      this.silentIntervals = 0;
      return;
    }
    if (this.behindEvents === undefined) {
      if (this.silentIntervals === HEARTBEATS_UNTIL_GONE) {
        this.stop();
        this.options.onSilence();
        return;
      }
      this.silentIntervals += 1;
    }
    if (this.heartbeat === undefined) {
      this.heartbeat = this.next();
      this.options.send(String(this.heartbeat));
    }
  }
}
