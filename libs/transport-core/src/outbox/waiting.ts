/** A promise and who settles it. Nobody has to listen: a rejection that nobody waits for is not an unhandled one. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }
}

/** Lets callers wait until nothing waits any more. */
export class IdleWait {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly isIdle: () => boolean) {}

  /** Resolves when it is idle, at the latest after `timeoutMs`; without it, however long that takes. */
  until(timeoutMs?: number): Promise<void> {
    if (this.isIdle()) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(done, timeoutMs);
      this.waiting.add(done);
    });
  }

  /** It may be idle now. */
  signal(): void {
    if (this.waiting.size > 0 && this.isIdle()) {
      for (const done of this.waiting) {
        done();
      }
    }
  }
}
