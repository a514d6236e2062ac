import type { LoggerService } from '@nestjs/common';

const INTERVAL_MS = 1000;
/** Control characters (C0, DEL, C1), format characters (all that turn the direction of text), line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A peer's text as one line that shows all that is in it: what a terminal or a reader would obey and not show (line
 * breaks, ANSI sequences, changes of direction) is written as `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(
    UNSEEN,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * For what a peer can make happen at any pace: writes one line a second at most, of printable text. When a second is
 * over in which lines were left out, the next line says how many they were.
 */
export class ThrottledLog {
  private leftOut = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly logger: Pick<LoggerService, 'warn' | 'error'>) {}

  warn(message: string): void {
    this.write('warn', printable(message));
  }

  /** @param cause the error; its stack is written too */
  error(message: string, cause?: unknown): void {
    this.write('error', printable(message), ...(cause === undefined ? [] : [stackOf(cause)]));
  }

  private write(level: 'warn' | 'error', ...line: [message: string, stack?: string]): void {
    if (this.timer !== undefined) {
      this.leftOut += 1;
      return;
    }
    this.logger[level](...line);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const { leftOut } = this;
      if (leftOut > 0) {
        this.leftOut = 0;
        this.write(level, `left out: ${leftOut} more in the second after "${line[0]}"`);
      }
    }, INTERVAL_MS).unref();
  }
}

/** Nest's loggers take a stack as text. An error's message may be a peer's: its lines must not look like lines of the log. */
function stackOf(cause: unknown): string {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const lines = text.split('\n').map(printable);
  return lines.map((line, at) => (at === 0 || line.startsWith('    ') ? line : `    ${line}`)).join('\n');
}
