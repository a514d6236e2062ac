import { HEARTBEATS_UNTIL_GONE } from '../../sockets/socket-settings.js';

/** Before the number of a beat: PINGs of others have tokens of their own. */
const BEAT = '~';

export interface HeartbeatOptions {
  /** 0 for none. */
  readonly intervalMs: number;
  /** Whether the peer has something to answer: only then is its silence worth a question. */
  readonly isAnswerOwed: () => boolean;
  /** Asks the peer whether it is there; the answer brings the token back. */
  readonly beat: (token: string) => void;
  /** The peer is gone; no more beats follow. */
  readonly onSilence: () => void;
}

/**
 * Gives up a peer that owes an answer and has said nothing for {@link HEARTBEATS_UNTIL_GONE} beats.
 *
 * A peer that works off events in their order comes to a beat late, and what is on its way to it would be lost: after
 * events silence does not count until a beat was answered that had left behind them.
 */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private last = 0;
  private unanswered = 0;
  /** The first beat behind the events; undefined when the peer has taken them all. */
  private behindEvents: number | undefined;
  /** A beat is on its way, and no other is: answers that nobody reads would make TCP reset a connection that is closed. */
  private waits = false;

  constructor(private readonly options: HeartbeatOptions) {}

  /** A connection is new: what the one of before owed will not come. */
  start(): void {
    this.unanswered = 0;
    this.waits = false;
    if (this.options.intervalMs > 0) {
      this.timer ??= setInterval(() => this.onInterval(), this.options.intervalMs).unref();
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Anything came from the peer. */
  heard(): void {
    this.unanswered = 0;
  }

  /** Events that nobody answers were handed to libzmq. */
  onEvents(): void {
    this.behindEvents = this.last + 1;
  }

  /** @returns whether the token of an answer is a beat's */
  answered(token: string): boolean {
    if (!token.startsWith(BEAT)) {
      return false;
    }
    this.waits = false;
    if (this.behindEvents !== undefined && Number(token.slice(BEAT.length)) >= this.behindEvents) {
      this.behindEvents = undefined;
    }
    return true;
  }

  private onInterval(): void {
    if (this.behindEvents === undefined && !this.options.isAnswerOwed()) {
      this.unanswered = 0;
      return;
    }
    if (this.behindEvents === undefined) {
      if (this.unanswered === HEARTBEATS_UNTIL_GONE) {
        this.stop();
        this.options.onSilence();
        return;
      }
      this.unanswered += 1;
    }
    if (!this.waits) {
      this.waits = true;
      this.last += 1;
      this.options.beat(BEAT + this.last);
    }
  }
}
