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

/** Lets one caller wait until nothing waits any more. */
export class IdleWait {
  private onIdle: (() => void) | undefined;

  constructor(private readonly isIdle: () => boolean) {}

  /** Resolves when it is idle, at the latest after `timeoutMs`. */
  until(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.onIdle = undefined;
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.onIdle = done;
      this.signal();
    });
  }

  /** It may be idle now. */
  signal(): void {
    if (this.onIdle !== undefined && this.isIdle()) {
      this.onIdle();
    }
  }
}
