import { nowSeconds } from '@app/contracts';
import { Injectable } from '@nestjs/common';

/**
 * The time that windows run on: when trades were received, and never backwards. A trade's own `ts` is not used for that:
 * it may be of the past, of the future, or out of order. When the system's clock is set back by N seconds, time stands
 * still here for as long, and windows keep what they hold; a step ahead looks like an idle gap.
 */
@Injectable()
export class ReceiveClock {
  private latestSeconds = Number.NEGATIVE_INFINITY;

  /** Takes note of a time of receipt, and gives it, or the latest one if that is later. */
  advance(receivedAtSeconds: number): number {
    if (receivedAtSeconds > this.latestSeconds) this.latestSeconds = receivedAtSeconds;
    return this.latestSeconds;
  }

  /** The time to read windows at: now, but not before the latest receipt. */
  now(): number {
    return Math.max(this.read(), this.latestSeconds);
  }

  /** Unix epoch seconds. */
  protected read(): number {
    return nowSeconds();
  }
}
