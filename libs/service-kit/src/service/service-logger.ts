import { inspect } from 'node:util';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { LOG_LEVELS, type ServiceSettings } from '../config/service-settings.js';
import { printable, printableJson, printableLines } from './printable.js';

/** Contexts in which Nest logs an error that it then throws to us. */
const NEST_BOOT_CONTEXTS = new Set<unknown>(['ExceptionHandler', 'NestApplication']);

/**
 * Contexts in which Nest logs a line for every module and route at every start, and a "successful start" before it listens. Our own
 * lines would drown in them.
 */
const CHATTER_CONTEXTS = new Set<unknown>([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** The settings of the log. */
export type LogSettings = Partial<Pick<ServiceSettings, 'LOG_FORMAT' | 'LOG_LEVEL'>>;

/**
 * Nest's console logger, with these differences: `runService` alone reports a failed start, so Nest's stack is left out; the list of
 * modules and routes is left out; and a stranger's text cannot forge a line or control a terminal. Coloured on a terminal only.
 * With LOG_FORMAT=json each message is one line: an object with `level`, `pid`, `timestamp` (milliseconds), `context`,
 * `message` and, of an error, `stack`.
 */
export class ServiceLogger extends ConsoleLogger {
  private booting = true;

  /** @param settings by default text, and all levels but `debug` and `verbose` */
  constructor({ LOG_FORMAT = 'text', LOG_LEVEL = 'log' }: LogSettings = {}) {
    const json = LOG_FORMAT === 'json';
    super({
      json,
      // One object a line, also on a terminal.
      ...(json && { compact: true }),
      colors: !json && process.stdout.isTTY === true,
      logLevels: LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(LOG_LEVEL) + 1),
    });
  }

  /** From now on every error is logged. */
  bootFinished(): void {
    this.booting = false;
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (CHATTER_CONTEXTS.has(rest.at(-1))) return;
    super.log(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (this.booting && NEST_BOOT_CONTEXTS.has(rest.at(-1))) return;
    super.error(message, ...rest);
  }

  protected override stringifyMessage(message: unknown, logLevel: LogLevel): string {
    const text =
      typeof message === 'string'
        ? printable(message)
        : printableLines(inspect(message, { ...this.inspectOptions, colors: false }));
    return super.stringifyMessage(text, logLevel);
  }

  protected override stringifyParams(params: Record<string, unknown>): string {
    return printable(super.stringifyParams(params));
  }

  protected override stringifyJsonLogObject(logObject: Record<string, unknown>): string {
    // JSON escapes control characters, but not those that change the direction of text or end a line for some readers.
    return printableJson(super.stringifyJsonLogObject(logObject));
  }

  protected override printStackTrace(stack: string | undefined): void {
    if (stack !== undefined) super.printStackTrace(printableLines(stack));
  }
}
