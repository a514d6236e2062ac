import { ReceiveClock } from '../src/analytics/rolling/receive-clock.js';
import { elapsed, STREAM_START_SECONDS } from './trade-stream-arbitrary.js';

/** A clock that the test sets. */
export class SetClock extends ReceiveClock {
  private seconds = STREAM_START_SECONDS;
  private elapsedSeconds = 0;

  /** Moves the system's clock; the steady one cannot step back. */
  moveTo(seconds: number): void {
    this.elapsedSeconds += elapsed(seconds - this.seconds);
    this.seconds = seconds;
  }

  protected override readWall(): number {
    return this.seconds;
  }

  protected override readSteady(): number {
    return this.elapsedSeconds;
  }
}
