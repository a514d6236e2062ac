import type { LoggerService } from '@nestjs/common';

const INTERVAL_MS = 1000;

/**
 * A log for events that a stranger can cause at any rate: it writes at most one line a second. When it left lines out, its next
 * line says how many.
 */
export class ThrottledLog {
  private leftOut = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly logger: Pick<LoggerService, 'warn' | 'error'>) {}

  warn(message: string): void {
    this.write('warn', message);
  }

  /** @param cause the error, or its stack */
  error(message: string, cause?: unknown): void {
    if (cause === undefined) this.write('error', message);
    else
      this.write('error', message, cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  }

  private write(level: 'warn' | 'error', ...line: [message: string, stack?: string]): void {
    if (this.timer !== undefined) {
      this.leftOut += 1;
      return;
    }
    this.logger[level](...line);
    this.rest(level, line[0]);
  }

  /** @param message the last line that was written in full */
  private rest(level: 'warn' | 'error', message: string): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const { leftOut } = this;
      if (leftOut === 0) return;
      this.leftOut = 0;
      this.logger[level](
        `left out ${leftOut} more ${leftOut === 1 ? 'line' : 'lines'} in the second after "${message}"`,
      );
      this.rest(level, message);
    }, INTERVAL_MS).unref();
  }
}
