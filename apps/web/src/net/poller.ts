/** The work of a poller. */
export interface PollerOptions {
  readonly everyMs: number;
  /** Asks once, and handles its own failures. The next one waits until it is done. */
  readonly poll: () => Promise<void>;
}

/** Asks again and again while the page is visible, one question at a time. */
export class Poller {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;

  constructor(private readonly options: PollerOptions) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    void this.turn();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
  }

  private async turn(): Promise<void> {
    if (document.visibilityState === 'visible') await this.options.poll();
    if (!this.running) return;
    this.timer = setTimeout(() => void this.turn(), this.options.everyMs);
  }
}
