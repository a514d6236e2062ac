import type { LoggerService } from '@nestjs/common';

const INTERVAL_MS = 1000;
/** Control characters (C0, DEL, C1), format characters (all that turn the direction of text), line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A peer's text as one line that shows all its characters: those that a terminal would obey instead of showing (line
 * breaks, ANSI sequences, changes of direction) are written as `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(
    UNSEEN,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A log for events that a peer can cause at any rate: it writes at most one line of printable text a second, and the next
 * line says how many were left out. It has no timer: after a socket closes nothing more is logged; `stats()` always counts.
 */
export class ThrottledLog {
  private leftOut = 0;
  private writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly logger: Pick<LoggerService, 'warn' | 'error'>) {}

  warn(message: string): void {
    this.write('warn', message);
  }

  /** @param cause the error; its stack is written too */
  error(message: string, cause?: unknown): void {
    this.write('error', message, ...(cause === undefined ? [] : [cause]));
  }

  private write(level: 'warn' | 'error', message: string, ...causes: unknown[]): void {
    const nowMs = performance.now();
    if (nowMs - this.writtenAtMs < INTERVAL_MS) {
      this.leftOut += 1;
      return;
    }
    const before = this.leftOut === 0 ? '' : ` (${this.leftOut} lines left out before this one)`;
    this.writtenAtMs = nowMs;
    this.leftOut = 0;
    this.logger[level](`${printable(message)}${before}`, ...causes.map(stackOf));
  }
}

/** Nest's loggers take a stack as text. An error's message may come from a peer: its lines must not look like log lines. */
function stackOf(cause: unknown): string {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const lines = text.split('\n').map(printable);
  return lines.map((line, at) => (at === 0 || line.startsWith('    ') ? line : `    ${line}`)).join('\n');
}
