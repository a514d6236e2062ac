import { ConsoleLogger } from '@nestjs/common';

/** Where Nest itself logs an error that it then throws to us. */
const NEST_BOOT_CONTEXTS = new Set<unknown>(['ExceptionHandler', 'NestApplication']);

/**
 * Nest's console logger, except that a failing boot is told once, by `runService`, and not also by
 * Nest with a stack.
 */
export class ServiceLogger extends ConsoleLogger {
  private booting = true;

  /** From now on every error is logged. */
  bootFinished(): void {
    this.booting = false;
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (this.booting && NEST_BOOT_CONTEXTS.has(rest.at(-1))) return;
    super.error(message, ...rest);
  }
}
