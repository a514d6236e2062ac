/** How often files are looked at, in milliseconds. Their contents, because a file system's own events are not told everywhere. */
const LOOK_INTERVAL_MS = 1000;

export interface KeyFilesWatchOptions<T> {
  /** Reads the keys, such as `() => readServerKeys(folder)`. */
  readonly read: () => T;
  /** The keys are others; `keys` has them already. */
  readonly onChange: (keys: T) => Promise<unknown>;
  /** The files cannot be used now, or using them failed; the keys of before stay. Told once for each different fault. */
  readonly onFault: (error: unknown) => void;
  /** @default 1000 */
  readonly intervalMs?: number;
}

/** Keys from files that may change while the process runs. Its timer does not keep the process alive. */
export class KeyFilesWatch<T> {
  private current: T;
  private lastFault: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private applying = false;

  /** Reads them for the first time. @throws what `read` throws */
  constructor(private readonly options: KeyFilesWatchOptions<T>) {
    this.current = options.read();
  }

  get keys(): T {
    return this.current;
  }

  start(): void {
    this.timer ??= setInterval(() => void this.look(), this.options.intervalMs ?? LOOK_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.applying) {
      return;
    }
    this.applying = true;
    try {
      const keys = this.options.read();
      if (JSON.stringify(keys) !== JSON.stringify(this.current)) {
        this.current = keys;
        await this.options.onChange(keys);
      }
      this.lastFault = undefined;
    } catch (error) {
      if (String(error) !== this.lastFault) {
        this.lastFault = String(error);
        this.options.onFault(error);
      }
    } finally {
      this.applying = false;
    }
  }
}
