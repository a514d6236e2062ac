/**
 * When a sender flushes. The first packet of a turn of the event loop leaves at the end of the running task (what the
 * same task emits, or answers, leaves with it); what comes later in that turn gathers until the turn is over. That is
 * natural batching: no timer, and no wait for an idle sender.
 */
export class TurnScheduler {
  private flushing = false;
  private waiting = false;

  constructor(private readonly flush: () => void) {}

  /** Something waits to be sent. */
  request(): void {
    if (this.flushing || this.waiting) {
      return;
    }
    this.flushing = true;
    queueMicrotask(() => {
      this.flushing = false;
      this.flush();
    });
  }

  /** Something was sent: what comes now waits for the next turn, and is then flushed. */
  nextTurn(): void {
    if (this.waiting) {
      return;
    }
    this.waiting = true;
    setImmediate(() => {
      this.waiting = false;
      this.flush();
    });
  }
}
