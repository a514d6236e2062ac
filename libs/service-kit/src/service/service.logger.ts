import { inspect } from 'node:util';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { LOG_LEVELS, type ServiceSettings } from '../config/service.settings.js';
import { printable, printableJson, printableLines } from './printable.js';

/** Where Nest itself logs an error that it then throws to us. */
const NEST_BOOT_CONTEXTS = new Set<unknown>(['ExceptionHandler', 'NestApplication']);

/**
 * A line for every module and route, at every start: the operator's own lines would drown in it. And Nest
 * announces a "successful start" before it listens.
 */
const CHATTER_CONTEXTS = new Set<unknown>([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** What a service writes, and how. */
export type LogSettings = Partial<Pick<ServiceSettings, 'LOG_FORMAT' | 'LOG_LEVEL'>>;

/**
 * Nest's console logger, except that a failing boot is told once, by `runService`, and not also by
 * Nest with a stack, that the list of modules and routes is left out, and that whatever comes from others cannot make
 * a line, or a terminal do anything. Coloured on a terminal only.
 * With LOG_FORMAT=json each message is one line: an object with `level`, `pid`, `timestamp` (milliseconds), `context`,
 * `message` and, of an error, `stack`.
 */
export class ServiceLogger extends ConsoleLogger {
  private booting = true;

  /** @param settings not given: text, and all but `debug` and `verbose` */
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
    // JSON escapes the controls, and leaves in what changes the direction of text, or ends a line for some readers.
    return printableJson(super.stringifyJsonLogObject(logObject));
  }

  protected override printStackTrace(stack: string | undefined): void {
    if (stack !== undefined) super.printStackTrace(printableLines(stack));
  }
}
