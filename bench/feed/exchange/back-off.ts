/** Bounds of the waits between attempts, in milliseconds. */
export interface BackOffBounds {
  /** The longest first wait. @default 1000 */
  readonly firstMs?: number;
  /** The longest wait of all. @default 60000 */
  readonly mostMs?: number;
}

/**
 * Waits that grow: each is drawn evenly from the upper half of its bound, which doubles with every attempt. Without that chance all
 * clients that lost the same server would come back in the same moment.
 * Source: Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), "equal jitter".
 */
export class BackOff {
  private attempts = 0;
  private readonly firstMs: number;
  private readonly mostMs: number;

  constructor(
    { firstMs = 1000, mostMs = 60_000 }: BackOffBounds = {},
    private readonly random: () => number = Math.random,
  ) {
    this.firstMs = firstMs;
    this.mostMs = mostMs;
  }

  /** The next wait in milliseconds, at least what the other side asked for. */
  nextMs(askedMs = 0): number {
    const boundMs = Math.min(this.mostMs, this.firstMs * 2 ** this.attempts);
    // Beyond it the bound is reached whatever the first wait is, and the power would grow for ever.
    this.attempts = Math.min(this.attempts + 1, 30);
    return Math.max(askedMs, boundMs * (0.5 + this.random() / 2));
  }

  /** It went well: the next wait is a first one. */
  reset(): void {
    this.attempts = 0;
  }
}

/** Nobody is waited for any longer, whatever he asks for. */
const MOST_ASKED_MS = 3_600_000;

/**
 * Milliseconds that a `Retry-After` header asks for, in seconds or as a date, an hour at most; 0 when it asks for nothing that can
 * be read.
 */
export function retryAfterMs(header: string | undefined, nowMs: number = Date.now()): number {
  if (header === undefined) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.min(MOST_ASKED_MS, Math.max(0, ms));
}
