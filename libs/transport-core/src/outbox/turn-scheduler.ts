import { epochSeconds } from '../clock.js';

/** Turns with one event each after which a busy sender is idle: under load some turns bring one between those that bring many. */
const CALM_TURNS = 16;

/**
 * Decides when a sender flushes. An idle sender flushes when the running task and all its continuations are done, so that a
 * lone event waits for nothing. Events of later tasks in the same turn of the event loop leave together at the end of the turn.
 * A turn in which that happened makes the sender busy: the next turn's events leave as one message, at its end, and so on until
 * several turns in a row bring a single event each. No timer is needed, and nothing waits beyond the turn that brought it.
 */
export class TurnScheduler {
  private isPending = false;
  private isTurnOpen = false;
  /** Turns that a busy sender may still see with a single event each; 0 for an idle one. */
  private busyTurns = 0;
  private askedThisTurn = 0;
  private flushSeconds = Number.NaN;
  private readonly run = (): void => {
    this.isPending = false;
    this.flush();
  };
  private readonly endTurn = (): void => {
    this.isTurnOpen = false;
    const hasCompany = this.busyTurns === 0 ? this.isPending : this.askedThisTurn > 1;
    this.busyTurns = hasCompany ? CALM_TURNS : Math.max(0, this.busyTurns - 1);
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
    if (this.busyTurns === 0) {
      // Not a microtask: the running task's own microtasks go first.
      process.nextTick(this.run);
    }
  }
}
