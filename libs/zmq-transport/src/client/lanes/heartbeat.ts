import { HEARTBEATS_UNTIL_GONE } from '../../socket/socket-settings.js';

export interface HeartbeatOptions {
  /** 0 for none. */
  readonly intervalMs: number;
  /** Whether the peer has something to answer: only then is its silence worth a question. */
  readonly isAnswerOwed: () => boolean;
  /** Asks the peer whether it is there; calls `onTaken` once libzmq has the question. */
  readonly beat: (onTaken: () => void) => void;
  /** The peer is gone; no more beats follow. */
  readonly onSilence: () => void;
}

/** Gives up a peer that owes an answer and has said nothing for {@link HEARTBEATS_UNTIL_GONE} beats. */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private unanswered = 0;
  /** A beat was handed over and libzmq has not taken it. */
  private waits = false;

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
    this.unanswered += 1;
    if (!this.waits) {
      this.waits = true;
      this.options.beat(() => {
        this.waits = false;
      });
    }
  }
}
