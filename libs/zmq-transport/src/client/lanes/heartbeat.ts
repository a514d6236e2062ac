import { HEARTBEATS_UNTIL_GONE } from '../../socket/socket-settings.js';

export interface HeartbeatOptions {
  /** 0 for none. */
  readonly intervalMs: number;
  /** Whether the peer has something to answer: only then is its silence worth a question. */
  readonly isAnswerOwed: () => boolean;
  /** Asks the peer whether it is there; its answer names the beat. Calls `onTaken` once libzmq has the question. */
  readonly beat: (beat: number, onTaken: () => void) => void;
  /** The peer is gone; no more beats follow. */
  readonly onSilence: () => void;
}

/**
 * Gives up a peer that owes an answer and leaves {@link HEARTBEATS_UNTIL_GONE} beats unanswered.
 *
 * A peer that works off events in their order comes to a beat late, and is not gone: after events silence does not
 * count until a beat was answered that had left behind them.
 */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private last = 0;
  private unanswered = 0;
  /** A beat was handed over and libzmq has not taken it. */
  private waits = false;
  /** The first beat behind the events; undefined when the peer has taken them all. */
  private behindEvents: number | undefined;

  constructor(private readonly options: HeartbeatOptions) {}

  start(): void {
    this.unanswered = 0;
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

  answered(beat: number): void {
    if (this.behindEvents !== undefined && beat >= this.behindEvents) {
      this.behindEvents = undefined;
    }
  }

  private onInterval(): void {
    if (!this.options.isAnswerOwed()) {
      this.unanswered = 0;
      return;
    }
    if (this.unanswered === HEARTBEATS_UNTIL_GONE) {
      this.stop();
      this.options.onSilence();
      return;
    }
    if (this.behindEvents === undefined) {
      this.unanswered += 1;
    }
    if (!this.waits) {
      this.waits = true;
      this.last += 1;
      this.options.beat(this.last, () => {
        this.waits = false;
      });
    }
  }
}
