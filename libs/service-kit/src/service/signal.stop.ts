import { Logger, type INestApplicationContext } from '@nestjs/common';

/** How long a closed app may take to end by itself before it is made to. */
const LAST_RESORT_MS = 10_000;

/**
 * Closes the app on SIGTERM, SIGINT or SIGHUP (its terminal was closed), once, and lets the process end by itself with code 0 (1 when closing failed).
 *
 * Not by `process.exit()`, which is what Nest's own shutdown hooks do: it throws away what native code still has to
 * deliver. ZeroMQ hands its last messages to the network while the process ends (the socket's linger), and only then.
 */
export function stopOnSignals(app: INestApplicationContext, name: string): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    process.exitCode = 0;
    try {
      await app.close();
    } catch (error) {
      Logger.error(`${name}: closing failed`, error instanceof Error ? error.stack : String(error));
      process.exitCode = 1;
    }
    setTimeout(() => {
      Logger.warn(
        `${name}: something still runs ${LAST_RESORT_MS} ms after the app was closed; ended by force`,
      );
      process.exit();
    }, LAST_RESORT_MS).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop());
  dropOutputNobodyReads();
}

/**
 * With a closed terminal, or the process that read our output, each line we write is an error event of the stream, which
 * would end the process in the middle of its drain.
 */
function dropOutputNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}
