import { performance } from 'node:perf_hooks';
import { epochSeconds } from '../clock.js';

/** Two flushes that are closer than this belong to a busy sender: the second waits for the end of the turn. */
const BUSY_WITHIN_MS = 0.1;

/**
 * When a sender flushes. What waits leaves when the running task and all its continuations are done: an answer that
 * wakes ten callers, who each ask again, makes one message of ten. A sender that has flushed a moment ago waits for the
 * turn of the event loop to be over, so that many small tasks of one turn share a message too. That is natural
 * batching: no timer, and no wait for an idle sender.
 */
export class TurnScheduler {
  private scheduled = false;
  private turnSeconds = Number.NaN;
  private flushedAtMs = Number.NEGATIVE_INFINITY;
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
    if (performance.now() - this.flushedAtMs < BUSY_WITHIN_MS) {
      setImmediate(this.run);
    } else {
      // Not a microtask: those of the running task are to go first.
      process.nextTick(this.run);
    }
  }

  /** Something was sent. */
  flushed(): void {
    this.flushedAtMs = performance.now();
  }
}
