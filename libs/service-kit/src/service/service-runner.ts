import { Logger, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { describeBootFailure } from './boot-failure.js';
import { createHttpAdapter, setUpHttpApp } from './http-app-setup.js';
import { printable } from './printable.js';
import { type LogSettings, ServiceLogger } from './service-logger.js';
import { stopOnSignals } from './signal-stop.js';

/** Where a service listens, and what it logs. */
export interface ListenConfig extends LogSettings {
  HOST: string;
  PORT: number;
}

/** The parts that differ between services. */
export interface RunServiceOptions {
  /** Its name in messages. */
  name: string;
  module: Type | DynamicModule;
  /** The settings, or a function that reads them, so that its `ConfigurationError` is reported here. */
  config: ListenConfig | (() => ListenConfig);
  /** Runs before the service listens, such as to connect a microservice. */
  configure?: (app: NestFastifyApplication) => Promise<void> | void;
  /** Explains an error of the service's own start in one line; undefined for other errors. */
  explain?: (error: unknown) => string | undefined;
}

async function boot(
  options: RunServiceOptions,
  address: ListenConfig,
  onCreated: (app: NestFastifyApplication) => void,
): Promise<NestFastifyApplication> {
  const logger = new ServiceLogger(address);
  const app = await NestFactory.create<NestFastifyApplication>(options.module, createHttpAdapter(), {
    abortOnError: false,
    logger,
  });
  onCreated(app);
  setUpHttpApp(app, { name: options.name });
  stopOnSignals(app, options.name);
  await options.configure?.(app);
  await app.listen(address.PORT, address.HOST);
  logger.bootFinished();
  return app;
}

/** BSD's EX_USAGE. */
const EXIT_USAGE = 64;

/** A service has no command line options, only its environment. Any option but help ends the start. */
function answerCommandLine(name: string, args: readonly string[]): void {
  if (args.length === 0) return;
  const usage = `usage: the ${name} has no options; its settings are in the environment and its .env file (.env.example lists them all)\n`;
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    process.exit(0);
  }
  process.stderr.write(`${name}: there is no option ${args.map(printable).join(' ')}\n${usage}`);
  process.exit(EXIT_USAGE);
}

/** Releases what a failed start had already opened. An error here must not hide why the start failed. */
async function abandon(app: NestFastifyApplication | undefined): Promise<void> {
  await app?.close().catch((error: unknown) => {
    Logger.warn(`the start failed, and closing the app failed too: ${String(error)}`);
  });
}

/**
 * Starts a service and returns when it listens. SIGTERM, SIGINT and SIGHUP close it and exit 0. When it cannot
 * start, this never returns: it says why on stderr and exits with 78 (configuration) or 1.
 */
export async function runService(options: RunServiceOptions): Promise<NestFastifyApplication> {
  answerCommandLine(options.name, process.argv.slice(2));
  let address: ListenConfig | undefined;
  let created: NestFastifyApplication | undefined;
  // Lines that are logged while the settings are read wait, and are then written as the settings say.
  Logger.attachBuffer();
  try {
    address = typeof options.config === 'function' ? options.config() : options.config;
    Logger.overrideLogger(new ServiceLogger(address));
    Logger.detachBuffer();
    const app = await boot(options, address, (made) => {
      created = made;
    });
    Logger.log(`${options.name} listens on ${await app.getUrl()}`, options.name);
    return app;
  } catch (error) {
    Logger.detachBuffer();
    const line = options.explain?.(error);
    const failure = describeBootFailure(options.name, error, address);
    const text = line === undefined ? failure.text : `${options.name}: ${line}\n`;
    // When the settings cannot be used, LOG_FORMAT is read directly: it may be one of the faults.
    const format = address === undefined ? process.env['LOG_FORMAT'] : address.LOG_FORMAT;
    if (format === 'json') new ServiceLogger({ LOG_FORMAT: 'json' }).error(text.trimEnd(), options.name);
    else process.stderr.write(text);
    await abandon(created);
    process.exit(failure.exitCode);
  }
}
