/** An event of a batch that was not handled. `index` counts from 0 in the batch. */
export interface FailedEvent {
  readonly index: number;
  readonly reason: string;
  readonly detail: string;
}

/** Waits for the handlers of one batch, and keeps which events failed for good. */
export class BatchOutcome {
  private readonly failed: FailedEvent[] = [];
  private wasGivenUp = false;
  /** Made at the first failure: where each value is, the later places first. */
  private places: Map<unknown, number[]> | undefined;
  /** The dispatch itself counts as one, so that the batch is not over between two of its events. */
  private pending = 1;
  private resolve: ((failures: readonly FailedEvent[] | undefined) => void) | undefined;

  constructor(private readonly values: readonly unknown[]) {}

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

  /** `value` of the batch failed for good. */
  fail(value: unknown, reason: string, detail: string): void {
    this.failed.push({ index: this.placeOf(value), reason, detail });
  }

  /** Values that are the same have failed in their order. A search for each would take a batch's length squared. */
  private placeOf(value: unknown): number {
    this.places ??= placesOf(this.values);
    return this.places.get(value)?.pop() ?? 0;
  }

  /** A handler will not be called again, although it neither succeeded nor failed for good: the server closes. */
  giveUp(): void {
    this.wasGivenUp = true;
  }

  private resolveIfOver(): void {
    if (this.pending === 0) {
      this.resolve?.(this.wasGivenUp ? undefined : this.failed);
    }
  }
}

function placesOf(values: readonly unknown[]): Map<unknown, number[]> {
  const places = new Map<unknown, number[]>();
  for (let index = values.length - 1; index >= 0; index -= 1) {
    const known = places.get(values[index]);
    if (known === undefined) {
      places.set(values[index], [index]);
    } else {
      known.push(index);
    }
  }
  return places;
}
