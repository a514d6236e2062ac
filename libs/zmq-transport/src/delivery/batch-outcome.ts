/** An event of a batch that was not handled. `index` counts from 0 in the batch. */
export interface FailedEvent {
  readonly index: number;
  readonly reason: string;
  readonly detail: string;
}

/** Waits for the handlers of one batch, and keeps which events failed for good. */
export class BatchOutcome {
  private readonly failed: FailedEvent[] = [];
  /** The dispatch itself counts as one, so that the batch is not over between two of its events. */
  private pending = 1;
  private resolve: ((failures: readonly FailedEvent[]) => void) | undefined;

  constructor(private readonly values: readonly unknown[]) {}

  /** Resolves when every handler has ended and {@link dispatched} was called. */
  get settled(): Promise<readonly FailedEvent[]> {
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

  /** `value` of the batch failed for good. */
  fail(value: unknown, reason: string, detail: string): void {
    this.failed.push({ index: Math.max(0, this.values.indexOf(value)), reason, detail });
  }

  private resolveIfOver(): void {
    if (this.pending === 0) {
      this.resolve?.(this.failed);
    }
  }
}
