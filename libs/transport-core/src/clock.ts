import { performance } from 'node:perf_hooks';

/** What a clock reads; tests bring their own. Times are in milliseconds. */
export interface ClockSource {
  /** The system's wall clock: whole milliseconds; it steps when somebody sets it. */
  readonly systemMs: () => number;
  /** Never steps, has fractions, and stands still while the machine is suspended. */
  readonly monotonicMs: () => number;
  /** Calls back some time later, in its own turn of the event loop. */
  readonly later: (callback: () => void) => void;
}

/** How long the distance between the two clocks is trusted: the clock follows a step at most this much later. */
const TRUSTED_MS = 250;
/** How exactly a distance is measured that is not known at all; measuring costs a millisecond, once a step. */
const SHARP_MS = 0.005;
/** Most readings to wait for the millisecond to change; a machine that is too busy to see it goes on with what it has. */
const MAX_READINGS = 50_000;

const SYSTEM: ClockSource = {
  systemMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  later: (callback) => void setTimeout(callback, TRUSTED_MS).unref(),
};

/**
 * Wall time with microseconds: the monotonic clock, and how far the system's clock is ahead of it. It measures that distance
 * again every quarter of a second, and so follows a step of the system's clock, or a suspend, within that time. Only the first
 * reading in a turn of the event loop measures: within one turn, and so within what is stamped together, time never goes back.
 * (`timeOrigin + now()` would be wrong by every step since the process began.)
 */
export class WallClock {
  private aheadMs = Number.NaN;
  /** The distance lies between these two, by all readings so far: the system's milliseconds are cut off, not rounded. */
  private leastMs = Number.NEGATIVE_INFINITY;
  private mostMs = Number.POSITIVE_INFINITY;
  private isTrusted = false;
  private readonly distrust = (): void => {
    this.isTrusted = false;
  };

  constructor(private readonly source: ClockSource = SYSTEM) {}

  /** Unix epoch seconds, to whole microseconds: further digits mean nothing, and make the number's text slow and long. */
  seconds(): number {
    if (!this.isTrusted) this.follow();
    return Math.round((this.aheadMs + this.source.monotonicMs()) * 1000) / 1e6;
  }

  private follow(): void {
    this.isTrusted = true;
    this.source.later(this.distrust);
    this.look();
    // Within a millisecond, the clocks only drift apart: the distance moves no further than the readings require.
    const isFarOff = this.leastMs - this.mostMs > 1;
    if (this.leastMs > this.mostMs) this.forget();
    if (isFarOff || Number.isNaN(this.aheadMs)) this.sharpen();
    this.aheadMs = Math.min(Math.max(this.aheadMs, this.leastMs), this.mostMs);
  }

  private look(): void {
    const beforeMs = this.source.monotonicMs();
    const systemMs = this.source.systemMs();
    this.leastMs = Math.max(this.leastMs, systemMs - this.source.monotonicMs());
    this.mostMs = Math.min(this.mostMs, systemMs + 1 - beforeMs);
  }

  private forget(): void {
    this.leastMs = Number.NEGATIVE_INFINITY;
    this.mostMs = Number.POSITIVE_INFINITY;
    this.look();
  }

  /** Watches the system's clock until its millisecond changes, which shows where between two milliseconds it is. */
  private sharpen(): void {
    for (let reading = 0; reading < MAX_READINGS && this.mostMs - this.leastMs > SHARP_MS; reading += 1) {
      this.look();
    }
    if (this.leastMs > this.mostMs) this.forget();
    this.aheadMs = this.leastMs;
  }
}

const clock = new WallClock();

/** Seconds since the Unix epoch, with microseconds (`Date.now()` has milliseconds); it follows the system's clock. */
export function epochSeconds(): number {
  return clock.seconds();
}
