/** A promise with the methods that settle it. Nobody has to listen: it never causes an unhandled rejection. */
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

  /** Resolves when it is idle, at the latest after `timeoutMs`; without `timeoutMs` it waits without limit. */
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

  /** Call it when it may have become idle. */
  signal(): void {
    if (this.waiting.size > 0 && this.isIdle()) {
      for (const done of this.waiting) {
        done();
      }
    }
  }
}
