/**
 * Runs a flush once in the next turn of the event loop. Between two turns what comes in gathers, which is what makes
 * natural batching: an idle sender is asked at once, a busy one once a turn.
 */
export class TurnScheduler {
  private scheduled = false;

  constructor(private readonly flush: () => void) {}

  get isScheduled(): boolean {
    return this.scheduled;
  }

  schedule(): void {
    if (this.scheduled) {
      return;
    }
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }
}
