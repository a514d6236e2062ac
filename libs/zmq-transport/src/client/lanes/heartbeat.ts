import { HEARTBEATS_UNTIL_GONE } from '../../socket/socket-settings.js';

/** Asks a peer that says nothing whether it is there, and gives it up after {@link HEARTBEATS_UNTIL_GONE} times. */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private unanswered = 0;

  /**
   * @param intervalMs 0 for none
   * @param onSilence the peer is gone; no more beats follow
   */
  constructor(
    private readonly intervalMs: number,
    private readonly beat: () => void,
    private readonly onSilence: () => void,
  ) {}

  start(): void {
    this.heard();
    if (this.intervalMs > 0) {
      this.timer ??= setInterval(() => this.onInterval(), this.intervalMs).unref();
    }
  }

  /** Anything came from the peer. */
  heard(): void {
    this.unanswered = 0;
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private onInterval(): void {
    if (this.unanswered === HEARTBEATS_UNTIL_GONE) {
      this.stop();
      this.onSilence();
      return;
    }
    this.unanswered += 1;
    this.beat();
  }
}
