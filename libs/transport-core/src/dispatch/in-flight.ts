/** Counts running handlers and lets a receiver wait for room: the flow control between handlers and socket. */
export class InFlight {
  private running = 0;
  private abandoned = false;
  /** The largest number of running events at which a waiting caller goes on; below 0 while nobody waits. */
  private wakesAt = -1;
  private waiting: { readonly atMost: number; readonly wake: () => void }[] = [];

  constructor(private readonly limit: number) {}

  get count(): number {
    return this.running;
  }

  /** How many more events may start before it is full; 0 or less when it is. */
  get room(): number {
    return this.limit - this.running;
  }

  get isFull(): boolean {
    return this.running >= this.limit;
  }

  /** Whether nothing may start any more: the time to finish is over. */
  get isAbandoned(): boolean {
    return this.abandoned;
  }

  /** Wakes all callers of {@link untilRoom}, although there is no room: a handler that never ends must not keep the server open. */
  abandon(): void {
    this.abandoned = true;
    this.wakesAt = -1;
    for (const { wake } of this.waiting.splice(0)) {
      wake();
    }
  }

  /** Handlers may start again. */
  reopen(): void {
    this.abandoned = false;
  }

  /** @param events how many events one call of a handler takes */
  start(events = 1): void {
    this.running += events;
  }

  end(events = 1): void {
    this.running -= events;
    if (this.running <= this.wakesAt) {
      this.wake();
    }
  }

  /** Resolves once half of the limit is free, so that a full server is not woken for each single event. */
  untilRoom(): Promise<void> {
    return this.untilAtMost(Math.floor(this.limit / 2));
  }

  /**
   * Lets handlers that wait for nothing end: starting a whole message of them side by side would take twice the processor time,
   * because each one's data would have left the processor's cache by the time it goes on.
   * @returns whether no more than `atMost` run; false when some do wait for something
   */
  async untilQuickOnesEnd(atMost: number, turns: number): Promise<boolean> {
    for (let turn = 0; turn < turns && this.running > atMost; turn += 1) {
      await undefined;
    }
    return this.running <= atMost;
  }

  /** Resolves once no handler runs. */
  untilNone(): Promise<void> {
    return this.untilAtMost(0);
  }

  private untilAtMost(atMost: number): Promise<void> {
    if (this.running <= atMost || this.abandoned) {
      return Promise.resolve();
    }
    this.wakesAt = Math.max(this.wakesAt, atMost);
    return new Promise((wake) => this.waiting.push({ atMost, wake }));
  }

  private wake(): void {
    const ready = this.waiting.filter(({ atMost }) => this.running <= atMost);
    this.waiting = this.waiting.filter(({ atMost }) => this.running > atMost);
    this.wakesAt = Math.max(-1, ...this.waiting.map(({ atMost }) => atMost));
    for (const { wake } of ready) {
      wake();
    }
  }
}

/** An event of a batch that was not handled. `index` counts from 0 in the batch. */
export interface FailedEvent {
  readonly index: number;
  readonly reason: string;
  readonly detail: string;
}

/** Waits for the handlers of one batch, and keeps which events failed for good. */
export class BatchOutcome {
  /** By place: an event that fails in two handlers is reported once. */
  private readonly failed = new Map<number, FailedEvent>();
  private wasGivenUp = false;
  /** The dispatch itself counts as one, so that the batch is not over between two of its events. */
  private pending = 1;
  private resolve: ((failures: readonly FailedEvent[] | undefined) => void) | undefined;

  /** @param skip how many events at the beginning of the batch were handled before, and are not dispatched */
  constructor(private readonly skip: number) {}

  /** Resolves when every handler has ended and {@link dispatched} was called; resolves with undefined when one was given up. */
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

  /** A handler has ended, whether or not it succeeded. */
  end(): void {
    this.pending -= 1;
    this.resolveIfOver();
  }

  /** All handlers were started. */
  dispatched(): void {
    this.end();
  }

  /** The event at `place` among the dispatched ones failed for good. */
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
