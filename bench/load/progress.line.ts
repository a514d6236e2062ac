import type { Progress } from './pacer.js';

const REFRESH_SECONDS = 0.5;

/** One line that renews itself on a terminal; silent in a pipe, where it would only be noise. */
export class ProgressLine {
  private shownAtSeconds = 0;

  constructor(private readonly output: NodeJS.WriteStream) {}

  show({ elapsedSeconds, dueCount, totalCount }: Progress): void {
    if (!this.output.isTTY || elapsedSeconds - this.shownAtSeconds < REFRESH_SECONDS) return;
    this.shownAtSeconds = elapsedSeconds;
    const percent = Math.floor((100 * dueCount) / totalCount);
    this.output.write(`\r${percent} %  ${dueCount}/${totalCount} events  ${elapsedSeconds.toFixed(1)} s `);
  }

  clear(): void {
    if (this.output.isTTY) this.output.write('\r\u001B[K');
  }
}
