import { LONGEST_WINDOW_SECONDS } from '@app/contracts';
import { epochSeconds } from '@app/transport-core';
import { Injectable } from '@nestjs/common';

/** Smaller differences are the two clocks running a little apart, or the time between two readings. */
const LEAST_STEP_SECONDS = 0.01;

/**
 * The time that windows run on: the time of receipt, but steady. A trade's own `ts` is not used for that: it may be in the
 * past, in the future, or out of order.
 *
 * When the system's clock is set back, this time goes on, and stays ahead of the system's from then on: only differences
 * of it mean anything. When the clock is set ahead, this time follows: a suspended machine looks the same, and windows must
 * be empty after that.
 */
@Injectable()
export class ReceiveClock {
  private latestSeconds = Number.NEGATIVE_INFINITY;
  private steppedBackSeconds = 0;
  /** How far the system's clock was ahead of the monotonic one at the last reading; only good for comparing. */
  private aheadSeconds = Number.NaN;

  /** Before every receipt that is still to come, also of a refill. */
  get startSeconds(): number {
    return this.now() - LONGEST_WINDOW_SECONDS;
  }

  /** How far this time is ahead of the system's clock: the sum of all steps back so far. */
  get backSeconds(): number {
    return this.steppedBackSeconds;
  }

  /** The steady time of a receipt: never before that of an earlier one, and never in the future. */
  advance(receivedAtSeconds: number): number {
    const presentSeconds = this.read();
    // What was received before a step back, and comes here after it, must not carry this time ahead.
    const atSeconds = Math.min(receivedAtSeconds + this.steppedBackSeconds, presentSeconds);
    if (atSeconds > this.latestSeconds) this.latestSeconds = atSeconds;
    return this.latestSeconds;
  }

  /** The time to read windows at: now, but not before the latest receipt. */
  now(): number {
    return Math.max(this.read(), this.latestSeconds);
  }

  /** The system's clock, in unix epoch seconds. */
  protected readWall(): number {
    return epochSeconds();
  }

  /** A clock that nobody can set, in seconds. */
  protected readSteady(): number {
    return performance.now() / 1000;
  }

  private read(): number {
    const beforeSeconds = this.readSteady();
    const wallSeconds = this.readWall();
    const tookSeconds = this.readSteady() - beforeSeconds;
    // A pause of the process between the readings looks like a step.
    if (tookSeconds < LEAST_STEP_SECONDS / 2) this.follow(wallSeconds - beforeSeconds);
    return wallSeconds + this.steppedBackSeconds;
  }

  private follow(aheadSeconds: number): void {
    const backSeconds = this.aheadSeconds - aheadSeconds;
    if (backSeconds > LEAST_STEP_SECONDS) this.steppedBackSeconds += backSeconds;
    this.aheadSeconds = aheadSeconds;
  }
}
