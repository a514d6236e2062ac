/** Updates faster than people can read would only cost work. */
const QUIET_MS = 100;

/** Tells listeners that something changed, at most ten times a second, however often it is called. */
export class ChangeSignal {
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with every notification: a snapshot for `useSyncExternalStore`. */
  version = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  changed(): void {
    this.timer ??= setTimeout(() => this.tell(), QUIET_MS);
  }

  /** At once, for what the user did. */
  changedNow(): void {
    clearTimeout(this.timer);
    this.tell();
  }

  private tell(): void {
    this.timer = undefined;
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
