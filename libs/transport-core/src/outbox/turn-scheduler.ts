import { epochSeconds } from '../clock.js';

/**
 * When a sender flushes: at the end of the turn of the event loop, after everything that the turn brought (the requests
 * of a hundred connections, the callers that one answer wakes) has had its say, and before the loop waits for more. So
 * what comes together leaves together, without a timer, and an idle sender is not delayed.
 */
export class TurnScheduler {
  private scheduled = false;
  private turnSeconds = Number.NaN;
  private readonly run = (): void => {
    this.scheduled = false;
    this.flush();
  };

  constructor(private readonly flush: () => void) {}

  /** The time of the first event of this turn, seconds since the Unix epoch: one look at the clock for all of them. */
  readonly nowSeconds = (): number => {
    if (!this.scheduled) {
      this.turnSeconds = epochSeconds();
    }
    return this.turnSeconds;
  };

  /** Something waits to be sent. */
  request(): void {
    if (this.scheduled) {
      return;
    }
    this.scheduled = true;
    setImmediate(this.run);
  }
}
