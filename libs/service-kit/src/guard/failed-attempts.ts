/** Most addresses that are remembered; the one with the oldest window is forgotten first. */
const MAX_ADDRESSES = 10_000;

/** Counts failed attempts by address, in windows that begin with the first of them. */
export class FailedAttempts {
  private readonly windows = new Map<string, { count: number; endsAtMs: number }>();

  /**
   * @param max failed attempts that one window allows
   * @param windowMs length of a window
   */
  constructor(
    private readonly max: number,
    private readonly windowMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @returns milliseconds until this address may try again; 0 when it may now. */
  waitMs(address: string): number {
    const window = this.windows.get(address);
    if (window === undefined || window.count < this.max) return 0;
    return Math.max(0, window.endsAtMs - this.nowMs());
  }

  add(address: string): void {
    const now = this.nowMs();
    const window = this.windows.get(address);
    if (window !== undefined && window.endsAtMs > now) {
      window.count += 1;
      return;
    }
    this.windows.delete(address);
    this.windows.set(address, { count: 1, endsAtMs: now + this.windowMs });
    const [oldest] = this.windows.keys();
    if (this.windows.size > MAX_ADDRESSES && oldest !== undefined) this.windows.delete(oldest);
  }
}
