/** An event of a batch that was not handled. `index` counts from 0 in the batch. */
export interface FailedEvent {
  readonly index: number;
  readonly reason: string;
  readonly detail: string;
}

/** Waits for the handlers of one batch, and keeps which events failed for good. */
export class BatchOutcome {
  /** By place: an event that two handlers fail is told once. */
  private readonly failed = new Map<number, FailedEvent>();
  private wasGivenUp = false;
  /** The dispatch itself counts as one, so that the batch is not over between two of its events. */
  private pending = 1;
  private resolve: ((failures: readonly FailedEvent[] | undefined) => void) | undefined;

  /** @param skip events at the beginning of the batch that were handled before, and are not dispatched */
  constructor(private readonly skip: number) {}

  /** Resolves when every handler has ended and {@link dispatched} was called; with undefined when one was given up. */
  get settled(): Promise<readonly FailedEvent[] | undefined> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.resolveIfOver();
    });
  }

  /** A handler starts. */
  start(): void {
    this.pending += 1;
  }

  /** A handler has ended, one way or the other. */
  end(): void {
    this.pending -= 1;
    this.resolveIfOver();
  }

  /** All handlers were started. */
  dispatched(): void {
    this.end();
  }

  /** The event at `place` of those that are dispatched failed for good. */
  fail(place: number, reason: string, detail: string): void {
    const index = this.skip + place;
    if (!this.failed.has(index)) {
      this.failed.set(index, { index, reason, detail });
    }
  }

  /** A handler will not be called again, although it neither succeeded nor failed for good: the server closes. */
  giveUp(): void {
    this.wasGivenUp = true;
  }

  private resolveIfOver(): void {
    if (this.pending === 0) {
      this.resolve?.(this.wasGivenUp ? undefined : [...this.failed.values()]);
    }
  }
}
