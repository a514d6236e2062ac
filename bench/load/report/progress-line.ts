import type { Progress } from '../send/pacer.js';

const REFRESH_SECONDS = 0.1;
const BAR_WIDTH = 30;

/** What the bar needs of a terminal. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar that renews itself on a terminal; silent in a pipe, where it would only be noise. */
export class ProgressLine {
  private shownAtSeconds = Number.NEGATIVE_INFINITY;

  constructor(private readonly output: ProgressOutput) {}

  show({ elapsedSeconds, durationSeconds, sent }: Progress): void {
    // A run that begins anew begins before the moment shown last.
    const age = Math.abs(elapsedSeconds - this.shownAtSeconds);
    if (this.output.isTTY !== true || age < REFRESH_SECONDS) return;
    this.shownAtSeconds = elapsedSeconds;
    const share = durationSeconds > 0 ? Math.min(1, elapsedSeconds / durationSeconds) : 1;
    const bar = '#'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
    const times = `${elapsedSeconds.toFixed(1)} of ${durationSeconds.toFixed(1)} s`;
    this.output.write(`\r[${bar}] ${Math.floor(share * 100)} %  ${sent} events  ${times}\u001B[K`);
  }

  clear(): void {
    if (this.output.isTTY === true) this.output.write('\r\u001B[K');
  }
}
