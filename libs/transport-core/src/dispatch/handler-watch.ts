import { HandlerTimeoutError } from '../errors.js';

/** How many times the timer runs within the limit: it notices a late call at most an eighth of the limit too late. */
const LOOKS = 8;

/** A call of a handler that has not ended. */
export interface WatchedCall {
  readonly pattern: string;
  readonly look: number;
  readonly onLate: (error: HandlerTimeoutError) => void;
  isLate: boolean;
}

/**
 * Notices handlers that do not end, with one timer for all and without reading the clock for each. A call that ends in time
 * costs a place in a set.
 */
export class HandlerWatch {
  /** In the order of their start. */
  private readonly running = new Set<WatchedCall>();
  private timer: NodeJS.Timeout | undefined;
  private look = 0;
  private late = 0;
  private hung = 0;

  /**
   * @param timeoutMs 0 watches nothing
   * @param onHung called for each late call, with its pattern
   */
  constructor(
    private readonly timeoutMs: number,
    private readonly onHung: (pattern: string, error: HandlerTimeoutError) => void,
  ) {}

  /** Calls that were late, since the start. */
  get lateCalls(): number {
    return this.late;
  }

  /** Calls that are late and have still not ended. */
  get hungCalls(): number {
    return this.hung;
  }

  /** @returns undefined where nothing is watched */
  start(pattern: string, onLate: WatchedCall['onLate']): WatchedCall | undefined {
    if (this.timeoutMs === 0) {
      return undefined;
    }
    const call = { pattern, look: this.look, onLate, isLate: false };
    this.running.add(call);
    this.timer ??= setInterval(() => this.onLook(), Math.ceil(this.timeoutMs / LOOKS)).unref();
    return call;
  }

  /** @returns whether it ended in time; otherwise its event has failed already */
  end(call: WatchedCall | undefined): boolean {
    if (call?.isLate === true) {
      this.hung -= 1;
      return false;
    }
    if (call !== undefined) {
      this.running.delete(call);
    }
    return true;
  }

  private onLook(): void {
    this.look += 1;
    for (const call of this.running) {
      if (this.look - call.look <= LOOKS) {
        break;
      }
      this.running.delete(call);
      this.late += 1;
      this.hung += 1;
      call.isLate = true;
      const error = new HandlerTimeoutError(this.timeoutMs);
      this.onHung(call.pattern, error);
      call.onLate(error);
    }
    if (this.running.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }
}
