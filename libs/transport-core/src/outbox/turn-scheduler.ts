import { epochSeconds } from '../clock.js';

/**
 * Decides when a sender flushes. An idle sender flushes when the running task and all its continuations are done, so that a
 * lone event waits for nothing. Events of later tasks in the same turn of the event loop leave together at the end of the turn.
 * A turn in which that happened makes the sender busy: the next turn's events leave as one message, at its end, and so on until
 * a turn brings a single event. No timer is needed, and nothing waits beyond the turn that brought it.
 */
export class TurnScheduler {
  private isPending = false;
  private isTurnOpen = false;
  private isBusy = false;
  private askedThisTurn = 0;
  private flushSeconds = Number.NaN;
  private readonly run = (): void => {
    this.isPending = false;
    this.flush();
  };
  private readonly endTurn = (): void => {
    this.isTurnOpen = false;
    this.isBusy = this.isBusy ? this.askedThisTurn > 1 : this.isPending;
    this.askedThisTurn = 0;
    if (this.isPending) {
      this.run();
    }
  };

  constructor(private readonly flush: () => void) {}

  /** The time of the first event of a flush, seconds since the Unix epoch: the clock is read once for all of them. */
  readonly nowSeconds = (): number => {
    if (!this.isPending) {
      this.flushSeconds = epochSeconds();
    }
    return this.flushSeconds;
  };

  /** An event waits to be sent. */
  request(): void {
    this.askedThisTurn += 1;
    if (this.isPending) {
      return;
    }
    this.isPending = true;
    if (this.isTurnOpen) {
      return;
    }
    this.isTurnOpen = true;
    setImmediate(this.endTurn);
    if (!this.isBusy) {
      // Not a microtask: the running task's own microtasks go first.
      process.nextTick(this.run);
    }
  }
}
